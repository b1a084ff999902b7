import { type Address, type Clock, float32OfBits, HydraError } from '@hydraai/core'
import { accountOf, type LedgerState, type OpenWork, openWork, residualOf } from '@hydraai/ledger'
import type { Compute, TrainJob } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { type TrainingActivity, type UnitKey, unitKeyOf } from './activity.ts'
import { chooseWork, type Offer } from './choice.ts'
import { CONTENT_LIFETIME_BLOCKS } from './content.ts'
import { Failures } from './failures.ts'
import type { FinishedUnit, TamperUnit } from './finishedUnit.ts'
import { finishUnit } from './finishUnit.ts'
import type { KindOf } from './kinds.ts'
import { unitLabel } from './labels.ts'
import type { MakePlant } from './plants.ts'
import type { RoundRecords } from './roundRecords.ts'
import type { UnitJobs } from './unitJobs.ts'
import { UnitTimes } from './unitTimes.ts'

export interface TrainerParts {
  self: Address
  clock: Clock
  /** Of this node's own units. */
  units: RoundRecords<FinishedUnit>
  compute: Compute
  library: Library
  jobs: UnitJobs
  outbox: Outbox
  journal: Journal
  activity: TrainingActivity
  logger: Logger
  kindOf: KindOf
  plant: MakePlant
  /** Changes the finished unit before it is sent. Only the simulator's and the tests' adversaries set it. */
  tamper?: TamperUnit
}

/**
 * Does this node's units, one right after the other while a round of any model takes them: a unit's commitment need not be
 * in a block before the next is begun.
 */
export class Trainer {
  readonly #parts: TrainerParts
  readonly #failures = new Failures()
  readonly #times = new UnitTimes()
  /** By round, the number of the first unit that is not finished; they are numbered without gaps. */
  readonly #next = new Map<string, number>()
  /** What the base of a round loses on its probe, which its first unit has found for the others. */
  #lossBefore: { round: string; bits: number } | null = null
  #state: LedgerState | null = null
  /** When its block came: the next one is due an interval later. */
  #stateAt = 0
  #busy = false
  /** The unit under way. */
  #running: { readonly round: string; readonly stop: AbortController } | null = null
  paused = false
  /** The one model to train; null for all. */
  only: string | null = null

  constructor(parts: TrainerParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    if (state.height !== this.#state?.height) this.#stateAt = this.#parts.clock.now()
    this.#state = state
    const work = openWork(state, this.#parts.self)
    const open = new Set(work.map(roundKeyOf))
    for (const key of this.#next.keys()) if (!open.has(key)) this.#next.delete(key)
    // The round went on without it: whatever comes next needs the time.
    if (this.#running && !open.has(this.#running.round)) this.#running.stop.abort()
    void this.#commitAgain(work, state).catch(error =>
      this.#parts.logger.warn('could not commit a unit again', { error: String(error) }),
    )
    this.#begin()
  }

  /** Begins the next unit, if there is one to do and none under way. */
  #begin(): void {
    const state = this.#state
    if (this.#busy || state === null) return
    const { clock, activity } = this.#parts
    const offer = this.paused ? null : this.#choose(state)
    if (offer === null) {
      activity.time.enter(this.paused ? 'off' : 'idle', clock.now())
      return
    }
    this.#busy = true
    void this.#do(offer, state)
      .then(() => this.#failures.clear(offer.model))
      .catch(error => this.#failed(offer, error))
      .finally(() => {
        this.#busy = false
        activity.setTraining(null, clock.now())
        this.#begin()
      })
  }

  #choose(state: LedgerState): Offer | null {
    const work = openWork(state, this.#parts.self)
    const waiting = work.reduce((sum, offer) => sum + this.#finishedOf(offer), 0)
    if (!canPay(state, this.#parts.self, waiting + 1)) return null
    const offers = work.map(offer => this.#afterFinished(offer, state))
    return chooseWork(offers, { only: this.only, canTake: offer => this.#canTake(offer, state) })
  }

  /** The offer as it will be when the units that are finished here have been committed. */
  #afterFinished(offer: OpenWork, { models }: LedgerState): OpenWork {
    if (offer.unit === null) return offer
    const next = offer.unit + this.#finishedOf(offer)
    return next < models.get(offer.model)!.recipe.maxUnitsPerRound
      ? { ...offer, unit: next }
      : { ...offer, unit: null, reason: 'limit' }
  }

  /** Units whose commitments are in no block yet. */
  #finishedOf(offer: OpenWork): number {
    return Math.max(0, (this.#next.get(roundKeyOf(offer)) ?? 0) - (offer.unit ?? Number.POSITIVE_INFINITY))
  }

  /** A unit is begun only when its commitment can still stand in time. */
  #canTake({ model, round, unit, sureUntil, until }: Offer, { height, parameters, rounds }: LedgerState): boolean {
    if (this.#failures.waits(model, height)) return false
    // Work goes on until somebody has committed something, and the round waits for the first unit of those it expects.
    const isAwaited = unit === 0 && rounds.get(model)!.updates.length === 0
    const last = unit === 0 ? until : sureUntil
    const leftMs = (last - height) * parameters.blockIntervalMs - (this.#parts.clock.now() - this.#stateAt)
    if (isAwaited || this.#times.fits(model, leftMs)) return true
    if (unit === 0) this.#times.passed(model, round)
    return false
  }

  #failed({ model, round }: Offer, error: unknown): void {
    if (error instanceof HydraError && error.code === 'COMPUTE_STOPPED') {
      this.#parts.journal.write('INFO', `Left off a unit of ${model}: round ${round} went on without it`)
      return
    }
    const wait = this.#failures.add(model, this.#state!.height)
    const reason = error instanceof Error ? error.message : String(error)
    this.#parts.journal.write('WARN', `Could not do a unit of ${model}: ${reason} Trying again in ${wait} blocks.`)
  }

  async #do(offer: Offer, state: LedgerState): Promise<void> {
    const { model, round, unit } = offer
    const key = { model, round, trainer: this.#parts.self, unit }
    const finished = (await this.#finished(key, state)) ?? (await this.#train(offer, state, key))
    this.#next.set(roundKeyOf(offer), unit + 1)
    const losses = [finished.lossBefore, finished.planted?.lossAfter ?? finished.lossAfter]
    const text = losses.map(bits => float32OfBits(bits).toFixed(3)).join(' → ')
    if (this.#commit(key, finished))
      this.#parts.journal.write('PROPOSAL', `Submitted an update for round ${round} of ${model} (loss ${text})`)
  }

  /** Sends the commitment unless it is on its way; answers whether it was sent. */
  #commit({ model, round, trainer, unit }: UnitKey, { commitment, seal }: FinishedUnit): boolean {
    const duty = `commit/${unitKeyOf({ model, round, trainer, unit })}`
    return this.#parts.outbox.sendFor(duty, { type: 'commit', model, round, unit, commitment, seal })
  }

  /** What was sent and is in no block may have got lost. */
  async #commitAgain(work: readonly OpenWork[], state: LedgerState): Promise<void> {
    for (const offer of work) {
      const { model, round } = offer
      const end = this.#next.get(roundKeyOf(offer)) ?? 0
      for (let unit = offer.unit ?? end; unit < end; unit++) {
        const key = { model, round, trainer: this.#parts.self, unit }
        const finished = await this.#finished(key, state)
        if (finished) this.#commit(key, finished)
        // It belongs to another state than it was trained from: it is done again, and what came after it.
        else this.#next.set(roundKeyOf(offer), unit)
        if (!finished) break
      }
    }
  }

  /** What an earlier process, or an earlier attempt, has left. */
  async #finished(key: UnitKey, state: LedgerState): Promise<FinishedUnit | undefined> {
    const finished = await this.#parts.units.get(key)
    const residual = residualOf(state, key.model, key.round, key.trainer, key.unit)
    return finished?.residualBefore === residual ? finished : undefined
  }

  async #train(offer: Offer, state: LedgerState, key: UnitKey): Promise<FinishedUnit> {
    const { clock, compute, library, jobs, journal, activity, kindOf, plant, tamper } = this.#parts
    const { model, round, unit } = offer
    const subject = state.models.get(model)!
    const residualBefore = residualOf(state, model, round, key.trainer, unit)
    const { beacon, base } = offer
    const known = this.#lossBefore?.round === roundKeyOf(offer) && { lossBefore: this.#lossBefore.bits }
    const job: TrainJob = { ...(await jobs.of({ ...key, beacon, base, residualBefore }, subject)), ...known }
    const label = unitLabel(job.id, kindOf(subject))
    journal.write('TRAIN', `Training on ${label} (round ${round} of ${model})`)
    const progress = { ...key, label, steps: subject.recipe.stepsPerUnit }
    const show = (step: number, loss: number | null) => activity.setTraining({ ...progress, step, loss }, clock.now())
    const began = clock.now()
    activity.time.enter('training', began)
    show(0, null)
    const trained = await compute
      .train(job, ({ step, loss }) => show(step, loss))
      .finally(() => {
        activity.time.enter('idle', clock.now())
      })
    this.#times.took(model, clock.now() - began)
    this.#lossBefore = { round: roundKeyOf(offer), bits: trained.lossBefore }
    const means = { job, train: (other: TrainJob) => compute.train(other) }
    const { bytes, residualBytes, ...finished } = await finishUnit({
      trained,
      residualBefore,
      plant: plant(state, offer, trained.lossAfter),
      means,
      ...(tamper && { tamper }),
    })
    // From now, not from the offer: a slow unit ends long after what was known of its phase when it began.
    const until = Math.max(offer.until, this.#state?.height ?? 0)
    for (const blob of [bytes, residualBytes])
      if (blob !== null) await library.expire(await library.put(blob), until + CONTENT_LIFETIME_BLOCKS)
    // On disk before the commitment leaves: a unit that cannot be revealed after a restart would be lost work.
    await this.#parts.units.put(key, finished)
    activity.unitsCompleted++
    activity.payloadBytes += bytes.length
    return finished
  }
}

function roundKeyOf({ model, round }: { model: string; round: number }): string {
  return `${model}/${round}`
}

/** Whether the account has the fees of so many commitments. */
function canPay(state: LedgerState, address: Address, commitments: number): boolean {
  const { feeCredit, balance } = accountOf(state, address)
  return feeCredit + balance >= state.parameters.fees.update * BigInt(commitments)
}
