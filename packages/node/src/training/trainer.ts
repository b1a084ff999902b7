import { type Address, type Clock, decode, encode, float32OfBits, hash, type Infer, struct, uint } from '@hydraai/core'
import { type LedgerState, type Model, type OpenWork, openWork, revealsDue, settlesDue } from '@hydraai/ledger'
import type { KeyValueStore, WriteOperation } from '@hydraai/storage'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, type TrainingActivity, type UnitKey, unitKeyOf } from './activity.ts'
import { chooseWork, type Offer } from './choice.ts'
import { CONTENT_LIFETIME_BLOCKS } from './content.ts'
import type { Documents } from './documents.ts'
import type { KindOf } from './kinds.ts'
import { unitLabel } from './labels.ts'

/** What a trainer must remember of a unit from commit to settlement, through any restart. */
const finishedUnitCodec = struct({
  payload: hash,
  payloadBytes: uint,
  traceRoot: hash,
  replayKey: hash,
  replayKeyHash: hash,
  commitment: hash,
  lossBefore: uint,
  lossAfter: uint,
})
export type FinishedUnit = Infer<typeof finishedUnitCodec>

/** A finished unit with its payload and its trainer, as an adversary sees it before it is sent. */
export type TamperedUnit = FinishedUnit & { readonly bytes: Uint8Array; readonly trainer: Address }

export interface TrainerParts {
  self: Address
  clock: Clock
  db: KeyValueStore
  compute: Compute
  library: Library
  documents: Documents
  outbox: Outbox
  journal: Journal
  activity: TrainingActivity
  logger: Logger
  kindOf: KindOf
  /** Changes the finished unit before it is sent. Only the simulator's and the tests' adversaries set it. */
  tamper?: (unit: TamperedUnit) => Promise<TamperedUnit>
}

/** Blocks after which a model whose unit failed is tried again, doubled with every failure up to a bound: what was missing may have come. */
const RETRY_BLOCKS = 3
const MAX_RETRY_BLOCKS = 192

/** Rounds behind whose units are remembered. */
const KEPT_ROUNDS = 2

/** A model whose unit failed: a round waits for a first unit for ever, so it is tried again, and less and less often. */
interface Failure {
  readonly until: number
  readonly wait: number
}

/** Does this node's units, one at a time: train, commit, reveal, settle, each as the ledger's state calls for it. */
export class Trainer {
  readonly #parts: TrainerParts
  readonly #failures = new Map<string, Failure>()
  /** How long the last unit of a model took. */
  readonly #unitMs = new Map<string, number>()
  /** Units whose commitment is sent and not in a block yet. */
  readonly #sent = new Set<string>()
  #state: LedgerState | null = null
  #busy = false
  paused = false
  /** The one model to train; null for all. */
  only: string | null = null

  constructor(parts: TrainerParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    this.#state = state
    const work = openWork(state, this.#parts.self)
    const open = new Set(work.map(({ model, round, unit }) => this.#keyOf(model, round, unit ?? 0)))
    for (const key of this.#sent) if (!open.has(key)) this.#sent.delete(key)
    void this.#settleAndReveal(state).catch(error => this.#warn('could not answer for a unit', error))
    void this.#commitAgain(work).catch(error => this.#warn('could not commit a unit again', error))
    this.#next()
  }

  /** Begins the next unit, if there is one to do and none under way. */
  #next(): void {
    const state = this.#state
    if (this.paused || this.#busy || state === null) return
    const { self, clock, activity } = this.#parts
    const offer = chooseWork(openWork(state, self), { only: this.only, canTake: one => this.#canTake(one, state) })
    if (offer === null) return
    this.#busy = true
    void this.#train(offer, state.models.get(offer.model)!)
      .then(() => this.#failures.delete(offer.model))
      .catch(error => this.#failed(offer, error))
      .finally(() => {
        this.#busy = false
        activity.setTraining(null, clock.now())
        this.#next()
      })
  }

  #failed({ model }: Offer, error: unknown): void {
    const wait = Math.min(MAX_RETRY_BLOCKS, 2 * (this.#failures.get(model)?.wait ?? RETRY_BLOCKS / 2))
    this.#failures.set(model, { until: this.#state!.height + wait, wait })
    const reason = error instanceof Error ? error.message : String(error)
    this.#parts.journal.write('WARN', `Could not do a unit of ${model}: ${reason} Trying again in ${wait} blocks.`)
  }

  /** A further unit is begun only when its commitment can still stand in time; the last one shows how long it takes. */
  #canTake({ model, round, unit, sureUntil }: Offer, { height, parameters }: LedgerState): boolean {
    if (this.#sent.has(this.#keyOf(model, round, unit))) return false
    if (height < (this.#failures.get(model)?.until ?? 0)) return false
    return unit === 0 || (this.#unitMs.get(model) ?? 0) < (sureUntil - height) * parameters.blockIntervalMs
  }

  #keyOf(model: string, round: number, unit: number): string {
    return unitKeyOf({ model, round, trainer: this.#parts.self, unit })
  }

  async #train(offer: Offer, subject: Model): Promise<void> {
    const key = { model: offer.model, round: offer.round, trainer: this.#parts.self, unit: offer.unit }
    const finished = (await this.#finished(key)) ?? (await this.#compute(offer, subject, key))
    const { lossBefore, lossAfter } = finished
    const losses = `${float32OfBits(lossBefore).toFixed(3)} → ${float32OfBits(lossAfter).toFixed(3)}`
    if (this.#commit(key, finished))
      this.#parts.journal.write(
        'PROPOSAL',
        `Submitted an update for round ${key.round} of ${key.model} (loss ${losses})`,
      )
  }

  /** Sends the commitment unless it is on its way; answers whether it was sent. */
  #commit({ model, round, trainer, unit }: UnitKey, finished: FinishedUnit): boolean {
    const { commitment, lossBefore, lossAfter, replayKeyHash } = finished
    const key = this.#keyOf(model, round, unit)
    this.#sent.add(unitKeyOf({ model, round, trainer, unit }))
    const claims = { commitment, lossBefore, lossAfter, replayKeyHash }
    return this.#parts.outbox.sendFor(`commit/${key}`, { type: 'commit', model, round, unit, ...claims })
  }

  /** What was sent and is in no block may have got lost. */
  async #commitAgain(work: readonly OpenWork[]): Promise<void> {
    for (const { model, round, unit } of work) {
      if (unit === null || !this.#sent.has(this.#keyOf(model, round, unit))) continue
      const key = { model, round, trainer: this.#parts.self, unit }
      const finished = await this.#finished(key)
      if (finished) this.#commit(key, finished)
    }
  }

  async #compute(offer: Offer, subject: Model, key: UnitKey): Promise<FinishedUnit> {
    const { self, clock, compute, library, documents, journal, activity, kindOf } = this.#parts
    const { model, round, unit, beacon } = offer
    const { document, data, recipe } = subject
    await documents.ready(subject)
    const parameters = await library.get(subject.parameters)
    const id = { beacon, model, round, unit, trainer: self }
    const label = unitLabel(id, kindOf(subject))
    journal.write('TRAIN', `Training on ${label} (round ${round} of ${model})`)
    const show = (step: number, loss: number | null) =>
      activity.setTraining(
        { model, round, unit, trainer: self, label, step, steps: recipe.stepsPerUnit, loss },
        clock.now(),
      )
    show(0, null)
    const began = clock.now()
    const trained = await compute.train({ id, document, data, recipe, parameters }, ({ step, loss }) =>
      show(step, loss),
    )
    this.#unitMs.set(model, clock.now() - began)
    const { payload: bytes, payloadId: payload, ...claims } = trained
    const honest = { ...claims, payload, payloadBytes: bytes.length, bytes, trainer: self }
    const { bytes: stored, ...finished } = this.#parts.tamper ? await this.#parts.tamper(honest) : honest
    // From now, not from the offer: a slow unit ends long after what was known of its phase when it began.
    const until = Math.max(offer.until, this.#state?.height ?? 0)
    await library.expire(await library.put(stored), until + CONTENT_LIFETIME_BLOCKS)
    await this.#remember(key, finished)
    activity.unitsCompleted++
    activity.payloadBytes += stored.length
    return finished
  }

  async #settleAndReveal(state: LedgerState): Promise<void> {
    const { self, outbox } = this.#parts
    for (const duty of revealsDue(state, self)) {
      const key = keyOf(duty)
      const finished = await this.#finished(key)
      if (!finished) continue
      const { payload, payloadBytes, traceRoot } = finished
      const { model, round, unit } = key
      const reveal = { type: 'reveal' as const, model, round, unit, payload, payloadBytes, traceRoot }
      outbox.sendFor(`reveal/${unitKeyOf(key)}`, reveal)
    }
    for (const duty of settlesDue(state, self)) {
      const key = keyOf(duty)
      const finished = key.trainer === self ? await this.#finished(key) : undefined
      if (!finished) continue
      const { replayKey } = finished
      outbox.sendFor(`settle/${unitKeyOf(key)}`, { type: 'settle', ...key, replayKey })
    }
  }

  /** On disk before the commitment leaves: a unit that cannot be revealed after a restart would be lost work. */
  async #remember(key: UnitKey, unit: FinishedUnit): Promise<void> {
    const { db } = this.#parts
    const operations: WriteOperation[] = [
      { type: 'put', key: databaseKey(key), value: encode(finishedUnitCodec, unit) },
    ]
    const prefix = `unit/${key.model}`
    for await (const [known] of db.range({ gte: `${prefix}/`, lt: `${prefix}0` })) {
      const round = Number(known.slice(prefix.length + 1).split('/')[0])
      if (round < key.round - KEPT_ROUNDS) operations.push({ type: 'del', key: known })
    }
    await db.batch(operations, { sync: true })
  }

  async #finished(key: UnitKey): Promise<FinishedUnit | undefined> {
    const bytes = await this.#parts.db.get(databaseKey(key))
    return bytes && decode(finishedUnitCodec, bytes)
  }

  #warn(what: string, error: unknown): void {
    this.#parts.logger.warn(what, { error: String(error) })
  }
}

function databaseKey(key: UnitKey): string {
  return `unit/${unitKeyOf(key)}`
}
