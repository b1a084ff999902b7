import {
  type Address,
  type Findings,
  type Hash,
  isSuspicious,
  type KeyPair,
  segmentsOf,
  verdictDigest,
} from '@hydraai/core'
import { type LedgerState, type VerificationDuty, verificationDuties } from '@hydraai/ledger'
import type { OnStep } from '@hydraai/training'
import type { CheckJob, Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, type TrainingActivity, unitKeyOf } from './activity.ts'
import { BaseLosses } from './baseLosses.ts'
import type { Challenges } from './challenges.ts'
import { type FindingRecord, saltOf } from './findingRecord.ts'
import { findingsText } from './findingsText.ts'
import type { KindOf } from './kinds.ts'
import { unitLabel } from './labels.ts'
import type { RoundRecords } from './roundRecords.ts'
import type { TamperVerdict } from './tamper.ts'
import { sourceOf, type UnitJobs } from './unitJobs.ts'

/** Verdicts held in memory; the disk has them all. */
const KEPT_VERDICTS = 1_000

export interface VerifierParts {
  self: Address
  keys: KeyPair
  compute: Compute
  library: Library
  jobs: UnitJobs
  findings: RoundRecords<FindingRecord>
  challenges: Challenges
  outbox: Outbox
  journal: Journal
  activity: TrainingActivity
  logger: Logger
  nameOf: (address: Address) => string
  kindOf: KindOf
  /** Changes what was found before it is told. Only the simulator's and the tests' adversaries set it. */
  tamper?: TamperVerdict
}

/**
 * Checks the updates this node is drawn for: all of them lightly, some by a replay. What it found is on its disk before the
 * digest leaves. A payload that nobody serves gets no verdict.
 */
export class Verifier {
  readonly #parts: VerifierParts
  readonly #baseLosses = new BaseLosses()
  /** Digests of what was found. */
  readonly #digests = new Map<string, Hash>()
  /** What the duties need: null while it is on its way. */
  readonly #jobs = new Map<string, CheckJob | null>()
  /** Updates of which an adversary says nothing. */
  readonly #silent = new Set<string>()
  #state: LedgerState | null = null
  #running: { readonly key: string; readonly stop: AbortController } | null = null

  constructor(parts: VerifierParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    this.#state = state
    const duties = verificationDuties(state, this.#parts.self)
    const due = new Set(duties.map(duty => unitKeyOf(keyOf(duty))))
    for (const key of this.#jobs.keys()) if (!due.has(key)) this.#jobs.delete(key)
    if (this.#running && !due.has(this.#running.key)) this.#running.stop.abort()
    for (const duty of duties) {
      const key = unitKeyOf(keyOf(duty))
      const digest = this.#digests.get(key)
      if (digest) this.#vote(duty, digest)
      else if (!this.#jobs.has(key)) void this.#prepare(duty, key)
    }
  }

  /** All at once: a payload that is slow to come, or never comes, holds up none of the others. */
  async #prepare(duty: VerificationDuty, key: string): Promise<void> {
    const { findings, self } = this.#parts
    this.#jobs.set(key, null)
    try {
      const known = await findings.get(keyOf(duty))
      if (known) this.#remember(key, verdictDigest({ verifier: self, ...known }))
      const job = known ? null : await this.#jobOf(duty, duty.segments).catch(error => this.#lighter(duty, error))
      if (known) this.#vote(duty, this.#digests.get(key)!)
      else if (this.#jobs.has(key)) this.#jobs.set(key, job)
    } catch (error) {
      this.#giveUp(key, error)
    }
    this.#work()
  }

  async #jobOf(duty: VerificationDuty, segments: number): Promise<CheckJob> {
    const { library, jobs } = this.#parts
    const { drawBeacon, heldOutLoss, update } = duty
    const subject = this.#state!.models.get(duty.model)!
    const { payload: id, payloadBytes } = update.reveal
    const [unit, payload] = await Promise.all([
      jobs.of(sourceOf(duty), subject, { withResidual: segments > 0 }),
      library.get(id, { maxBytes: payloadBytes }),
    ])
    return { ...unit, drawBeacon, claim: update.reveal, payload, segments, heldOutLoss }
  }

  /**
   * The job without its replay when what only a replay needs is kept back for too long: a light verdict does not stand for a
   * replay, but the round need not wait for one that can never come.
   */
  #lighter(duty: VerificationDuty, error: unknown): Promise<CheckJob> {
    if (duty.update.residualBefore === null || !this.#isLate(duty)) throw error
    return this.#jobOf(duty, 0)
  }

  #isLate({ until }: VerificationDuty): boolean {
    const { height, parameters } = this.#state!
    const { verify, reveal } = parameters.phases
    return height > until - verify + reveal
  }

  /** Until the next block, which tries again what is still due. */
  #giveUp(key: string, error: unknown): void {
    this.#jobs.delete(key)
    this.#parts.logger.warn('could not verify a unit', { unit: key, error: String(error) })
  }

  /** One after the other, always by the newest state: light checks first, then what ends first. */
  #work(): void {
    if (this.#running !== null || this.#state === null) return
    const ready = verificationDuties(this.#state, this.#parts.self).flatMap(duty => {
      const key = unitKeyOf(keyOf(duty))
      const job = this.#jobs.get(key)
      return job && !this.#digests.has(key) && !this.#silent.has(key) ? [{ duty, key, job }] : []
    })
    const [next] = ready.sort(
      (a, b) => Number(a.job.segments > 0) - Number(b.job.segments > 0) || a.duty.until - b.duty.until,
    )
    if (!next) return
    const { duty, key, job } = next
    const stop = new AbortController()
    this.#running = { key, stop }
    void this.#check(duty, key, job, stop.signal)
      .catch(error => this.#giveUp(key, error))
      .finally(() => {
        this.#running = null
        this.#parts.activity.setVerifying(null)
        this.#work()
      })
  }

  async #check(duty: VerificationDuty, key: string, job: CheckJob, signal: AbortSignal): Promise<void> {
    const { compute, activity, journal, nameOf, kindOf } = this.#parts
    const { model, round, unit, trainer } = keyOf(duty)
    const { recipe } = job
    const label = unitLabel(job.id, kindOf(this.#state!.models.get(model)!))
    const progress = { model, round, unit, trainer, label, steps: recipe.stepsPerUnit }
    activity.setVerifying({ ...progress, step: 0, loss: null })
    const known = this.#baseLosses.of(job)
    const show: OnStep = ({ step, loss }) => activity.setVerifying({ ...progress, step, loss })
    const found = await compute.check({ ...job, ...known }, show, signal)
    this.#baseLosses.learn(job, found)
    if (found.replay === null && isSuspicious(found, job.heldOutLoss)) {
      // It may be a lie that only a replay shows, so this node replays it, drawn for that or not.
      const whole = await this.#jobOf(duty, segmentsOf(recipe)).catch(error => this.#lighter(duty, error))
      if (whole.segments > 0) {
        if (this.#jobs.has(key)) this.#jobs.set(key, whole)
        return
      }
    }
    const { tamper } = this.#parts
    const findings = tamper ? await tamper(found, { ...keyOf(duty), segments: duty.segments }) : found
    if (findings === null) return void this.#silent.add(key)
    await this.#conclude(duty, key, findings)
    const did = findings.replay === null ? 'Checked' : 'Replayed'
    journal.write('VOTE', `${did} ${label} of ${nameOf(trainer)}: ${findingsText(findings, recipe)}`)
    await this.#prepareChallenge(duty)
  }

  async #conclude(duty: VerificationDuty, key: string, findings: Findings): Promise<void> {
    const { self, keys, findings: records } = this.#parts
    const salt = saltOf(keys, this.#state!.chainId, keyOf(duty))
    await records.put(keyOf(duty), { findings, salt, hashes: null })
    this.#jobs.delete(key)
    this.#remember(key, verdictDigest({ verifier: self, salt, findings }))
    this.#vote(duty, this.#digests.get(key)!)
  }

  /** What a mismatch has to be disclosed with takes its time, so it is computed before it is asked for. */
  async #prepareChallenge(duty: VerificationDuty): Promise<void> {
    const { findings, challenges, logger } = this.#parts
    const record = await findings.get(keyOf(duty))
    if (!record?.findings.replay?.mismatch) return
    const { payload: id, payloadBytes: bytes } = duty.update.reveal
    const subject = this.#state!.models.get(duty.model)!
    await challenges
      .of(sourceOf(duty), subject, { id, bytes }, record)
      .catch(error => logger.warn('could not prepare a challenge yet', { error: String(error) }))
  }

  #vote(duty: VerificationDuty, digest: Hash): void {
    const key = keyOf(duty)
    this.#parts.outbox.sendFor(`verdict/${unitKeyOf(key)}`, { type: 'verdict', ...key, digest })
  }

  #remember(key: string, digest: Hash): void {
    this.#digests.set(key, digest)
    const [oldest] = this.#digests.keys()
    if (this.#digests.size > KEPT_VERDICTS && oldest !== undefined) this.#digests.delete(oldest)
  }
}
