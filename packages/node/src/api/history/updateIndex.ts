import { decode, encode, type Infer, struct, uint } from '@hydraai/core'
import type { LedgerEvent, LedgerState, UpdateRef } from '@hydraai/ledger'
import type { KeyValueStore, WriteOperation } from '@hydraai/storage'
import {
  addToRecord,
  newRecord,
  type UpdateEvent,
  type UpdateRecord,
  updateOf,
  updateRecordCodec,
} from './updateRecord.ts'

/** Of all models together, since the index begins. */
const countsCodec = struct({
  accepted: uint,
  refuted: uint,
  expired: uint,
  disputes: uint,
  /** Verifiers that replayed, and how many segments. */
  audits: uint,
  segments: uint,
  silent: uint,
  wrong: uint,
})
export type UpdateCounts = Infer<typeof countsCodec>

const NO_COUNTS: UpdateCounts = {
  accepted: 0,
  refuted: 0,
  expired: 0,
  disputes: 0,
  audits: 0,
  segments: 0,
  silent: 0,
  wrong: 0,
}

interface IndexedBlock {
  readonly height: number
  readonly time: number
  readonly events: readonly LedgerEvent[]
  /** After the block; null where it is not at hand. */
  readonly state: LedgerState | null
}

/** Where a list goes on: the rest of the last key that was given. */
export interface Page<T> {
  readonly found: readonly T[]
  readonly before: string | null
}

/**
 * The part of the ledger's index that keeps what became of every update and every dispute. It writes nothing by itself:
 * its operations are part of the index's own batches.
 */
export class UpdateIndex {
  readonly #db: KeyValueStore
  readonly #prefix: string
  #counts = NO_COUNTS

  constructor(db: KeyValueStore, prefix: string) {
    this.#db = db
    this.#prefix = prefix
  }

  async open(): Promise<void> {
    const stored = await this.#db.get(`${this.#prefix}/counts`)
    this.#counts = stored ? decode(countsCodec, stored) : NO_COUNTS
  }

  get counts(): UpdateCounts {
    return this.#counts
  }

  /** What to write for `blocks`, and what to do when it has been written. */
  async operationsOf(blocks: readonly IndexedBlock[]): Promise<{ operations: WriteOperation[]; written: () => void }> {
    const changed = new Map<string, UpdateRecord>()
    const operations: WriteOperation[] = []
    let counts = this.#counts
    for (const block of blocks)
      for (const event of block.events) {
        const ref = updateOf(event)
        if (!ref) continue
        const key = this.#updateKey(ref)
        const before = changed.get(key) ?? (await this.#read(key)) ?? newRecord(ref)
        const record = addToRecord(before, event, block)
        changed.set(key, record)
        if (before.disputedAt === null && record.disputedAt !== null)
          operations.push({
            type: 'put',
            key: this.#disputeKey(record.disputedAt, ref),
            value: encode(uint, ref.round),
          })
        if (event.type === 'update') counts = counted(counts, event)
      }
    for (const [key, record] of changed) operations.push({ type: 'put', key, value: encode(updateRecordCodec, record) })
    if (counts !== this.#counts)
      operations.push({ type: 'put', key: `${this.#prefix}/counts`, value: encode(countsCodec, counts) })
    const written = () => {
      this.#counts = counts
    }
    return { operations, written }
  }

  async update(ref: UpdateRef): Promise<UpdateRecord | undefined> {
    return this.#read(this.#updateKey(ref))
  }

  /** Updates of a model, newest round first. `before` is what an earlier page gave. */
  updates(model: string, limit: number, before?: string | undefined): Promise<Page<UpdateRecord>> {
    const folder = `${this.#prefix}/update/${model}/`
    return this.#page(folder, limit, before, value => decode(updateRecordCodec, value))
  }

  /** Updates about which there is or was a dispute, the newest dispute first. */
  async disputes(limit: number, before?: string | undefined): Promise<Page<UpdateRecord>> {
    const folder = `${this.#prefix}/dispute/`
    const page = await this.#page(folder, limit, before, (_, key) => key.slice(folder.length + HEIGHT_DIGITS + 1))
    const records = await Promise.all(page.found.map(rest => this.#read(`${this.#prefix}/update/${rest}`)))
    return { found: records.filter(record => record !== undefined), before: page.before }
  }

  async #page<T>(
    folder: string,
    limit: number,
    before: string | undefined,
    read: (value: Uint8Array, key: string) => T,
  ): Promise<Page<T>> {
    // '0' is the character behind '/': everything in the folder is below it.
    const lt = before === undefined ? `${folder.slice(0, -1)}0` : folder + before
    const found: T[] = []
    let last = ''
    for await (const [key, value] of this.#db.range({ gte: folder, lt, reverse: true, limit: limit + 1 })) {
      if (found.length === limit) return { found, before: last.slice(folder.length) }
      found.push(read(value, key))
      last = key
    }
    return { found, before: null }
  }

  async #read(key: string): Promise<UpdateRecord | undefined> {
    const stored = await this.#db.get(key)
    return stored && decode(updateRecordCodec, stored)
  }

  #updateKey(ref: UpdateRef): string {
    return `${this.#prefix}/update/${restOf(ref)}`
  }

  #disputeKey(height: number, ref: UpdateRef): string {
    return `${this.#prefix}/dispute/${String(height).padStart(HEIGHT_DIGITS, '0')}/${restOf(ref)}`
  }
}

const HEIGHT_DIGITS = 16

function restOf({ model, round, trainer, unit }: UpdateRef): string {
  return `${model}/${String(round).padStart(HEIGHT_DIGITS, '0')}/${trainer}/${String(unit).padStart(5, '0')}`
}

/** A disputed update is told of again when the dispute ends: its verdicts count then. */
function counted(counts: UpdateCounts, { outcome, verdicts }: UpdateEvent): UpdateCounts {
  if (outcome === 'pending') return counts
  if (outcome === 'disputed') return { ...counts, disputes: counts.disputes + 1 }
  const next = { ...counts, [outcome]: counts[outcome] + 1 }
  for (const { segments, judgement } of verdicts) {
    if (judgement === 'silent') next.silent++
    else if (judgement === 'wrong') next.wrong++
    if (segments === 0 || (judgement !== 'stood' && judgement !== 'wrong')) continue
    next.audits++
    next.segments += segments
  }
  return next
}
