import { type Address, type Clock, decode, encode, float32OfBits, hash, type Infer, struct, uint } from '@hydraai/core'
import { type LedgerState, type Model, type OpenWork, openWork, revealsDue, settlesDue } from '@hydraai/ledger'
import type { KeyValueStore, WriteOperation } from '@hydraai/storage'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, type TrainingActivity, type UnitKey, unitKeyOf } from './activity.ts'
import { CONTENT_LIFETIME_BLOCKS } from './content.ts'
import type { Documents } from './documents.ts'
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

/** A unit that the ledger still takes a commitment for. */
type Offer = OpenWork & { readonly unit: number }

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
  /** Changes the finished unit before it is sent. Only the simulator's and the tests' adversaries set it. */
  tamper?: (unit: TamperedUnit) => Promise<TamperedUnit>
}

/** Blocks after which a round whose unit failed is tried again: what was missing may have come. */
const RETRY_BLOCKS = 3

/** Rounds behind whose units are remembered. */
const KEPT_ROUNDS = 2

/** Does this node's units: train, commit, reveal, settle, each as the ledger's state calls for it. */
export class Trainer {
  readonly #parts: TrainerParts
  #busy = false
  /** The round whose unit failed, and the block from which it is tried again: a round waits for a first unit for ever. */
  #failed = { round: '', until: 0 }
  #lastUnitMs = 0
  paused = false

  constructor(parts: TrainerParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    void this.#settleAndReveal(state).catch(error => this.#warn('could not answer for a unit', error))
    if (this.paused || this.#busy) return
    const offer = openWork(state, this.#parts.self)
      .filter((work): work is Offer => work.unit !== null)
      .find(work => !this.#failedLately(work, state) && this.#canFinish(work, state))
    if (!offer) return
    this.#busy = true
    void this.#train(offer, state.models.get(offer.model)!)
      .catch(error => {
        this.#failed = { round: roundOf(offer), until: state.height + RETRY_BLOCKS }
        const reason = error instanceof Error ? error.message : String(error)
        this.#parts.journal.write('WARN', `Could not do a unit of ${offer.model}: ${reason} Trying again soon.`)
      })
      .finally(() => {
        this.#busy = false
        this.#parts.activity.setTraining(null, this.#parts.clock.now())
      })
  }

  #failedLately(offer: Offer, { height }: LedgerState): boolean {
    return roundOf(offer) === this.#failed.round && height < this.#failed.until
  }

  /** A further unit is begun only when its commitment can still stand in time; the last one shows how long it takes. */
  #canFinish({ unit, sureUntil }: Offer, { height, parameters }: LedgerState): boolean {
    return unit === 0 || this.#lastUnitMs < (sureUntil - height) * parameters.blockIntervalMs
  }

  async #train(offer: Offer, subject: Model): Promise<void> {
    const { self, journal, outbox } = this.#parts
    const key = { model: offer.model, round: offer.round, trainer: self, unit: offer.unit }
    const finished = (await this.#finished(key)) ?? (await this.#compute(offer, subject, key))
    const { commitment, lossBefore, lossAfter, replayKeyHash } = finished
    const { model, round, unit } = key
    const sent = outbox.sendFor(`commit/${unitKeyOf(key)}`, {
      type: 'commit',
      model,
      round,
      unit,
      commitment,
      lossBefore,
      lossAfter,
      replayKeyHash,
    })
    const losses = `${float32OfBits(lossBefore).toFixed(3)} → ${float32OfBits(lossAfter).toFixed(3)}`
    if (sent) journal.write('PROPOSAL', `Submitted an update for round ${round} of ${model} (loss ${losses})`)
  }

  async #compute(offer: Offer, subject: Model, key: UnitKey): Promise<FinishedUnit> {
    const { self, clock, compute, library, documents, journal, activity } = this.#parts
    const { model, round, unit, beacon } = offer
    const { document, data, recipe } = subject
    await documents.ready(subject)
    const parameters = await library.get(subject.parameters)
    const id = { beacon, model, round, unit, trainer: self }
    const label = unitLabel(id)
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
    this.#lastUnitMs = clock.now() - began
    const { payload: bytes, payloadId: payload, ...claims } = trained
    const honest = { ...claims, payload, payloadBytes: bytes.length, bytes, trainer: self }
    const { bytes: stored, ...finished } = this.#parts.tamper ? await this.#parts.tamper(honest) : honest
    await library.expire(await library.put(stored), offer.until + CONTENT_LIFETIME_BLOCKS)
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

function roundOf({ model, round }: Offer): string {
  return `${model}/${round}`
}
