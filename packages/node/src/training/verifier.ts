import type { Address, Clock, Hash } from '@hydraai/core'
import { type Duty, type LedgerState, type RevealedUpdate, settlesDue, verificationDuties } from '@hydraai/ledger'
import type { UnitClaim } from '@hydraai/training'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, type TrainingActivity, unitKeyOf } from './activity.ts'
import type { Documents } from './documents.ts'
import { unitLabel } from './labels.ts'

/** Blocks that a trainer has to disclose its replay key before a verifier does it in its place. */
const SETTLE_PATIENCE_BLOCKS = 1
const KEPT_VERDICTS = 1_000

export interface VerifierParts {
  self: Address
  clock: Clock
  compute: Compute
  library: Library
  documents: Documents
  outbox: Outbox
  journal: Journal
  activity: TrainingActivity
  logger: Logger
  nameOf: (address: Address) => string
  /** Changes a verdict before it is sent. Only the simulator's and the tests' adversaries set it. */
  tamper?: (verdict: { valid: boolean; digest: Hash }) => { valid: boolean; digest: Hash }
}

interface OwnVerdict {
  readonly valid: boolean
  readonly digest: Hash
  readonly replayKey: Hash
}

/** Replays the units this node is drawn for and votes. A payload that nobody serves gets no vote. */
export class Verifier {
  readonly #parts: VerifierParts
  readonly #verdicts = new Map<string, OwnVerdict>()
  #state: LedgerState | null = null
  #running = false

  constructor(parts: VerifierParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    this.#state = state
    this.#discloseInPlace(state)
    for (const duty of verificationDuties(state, this.#parts.self)) {
      const verdict = this.#verdicts.get(unitKeyOf(keyOf(duty)))
      if (verdict) this.#vote(duty, verdict)
    }
    if (this.#running) return
    this.#running = true
    void this.#work().finally(() => {
      this.#running = false
      this.#parts.activity.setVerifying(null)
    })
  }

  /** One duty after the other, always by the newest state. A duty that failed is tried again at the next block. */
  async #work(): Promise<void> {
    const failed = new Set<string>()
    for (;;) {
      const duty = verificationDuties(this.#state!, this.#parts.self).find(
        duty => !this.#verdicts.has(unitKeyOf(keyOf(duty))) && !failed.has(unitKeyOf(keyOf(duty))),
      )
      if (!duty) return
      try {
        await this.#verify(duty)
      } catch (error) {
        failed.add(unitKeyOf(keyOf(duty)))
        this.#parts.logger.warn('could not verify a unit', { unit: unitKeyOf(keyOf(duty)), error: String(error) })
      }
    }
  }

  async #verify(duty: Duty<RevealedUpdate>): Promise<void> {
    const { self, compute, library, documents, activity, journal, nameOf, tamper } = this.#parts
    const { model, round, unit, trainer } = keyOf(duty)
    const subject = this.#state!.models.get(model)!
    const { document, data, recipe } = subject
    const id = { beacon: duty.beacon, model, round, unit, trainer }
    const label = unitLabel(id)
    const claim = claimOf(duty.update)
    await documents.ready(subject)
    const [parameters, payload] = await Promise.all([
      library.get(subject.parameters),
      library.get(claim.payload, { maxBytes: claim.payloadBytes }),
    ])
    const progress = { model, round, unit, trainer, label, steps: recipe.stepsPerUnit }
    activity.setVerifying({ ...progress, step: 0, loss: null })
    const job = { id, document, data, recipe, parameters, payload, claim, verifier: self }
    const verdict = await compute.verify(job, ({ step, loss }) => activity.setVerifying({ ...progress, step, loss }))
    const said = { replayKey: verdict.replayKey, ...(tamper ? tamper(verdict) : verdict) }
    this.#remember(unitKeyOf(keyOf(duty)), said)
    this.#vote(duty, said)
    const word = said.valid ? 'valid' : `invalid (${verdict.reason ?? 'no reason'})`
    journal.write('VOTE', `Checked ${label} of ${nameOf(trainer)}: ${word}`)
  }

  #vote(duty: Duty<RevealedUpdate>, { valid, digest }: OwnVerdict): void {
    const key = keyOf(duty)
    this.#parts.outbox.sendFor(`verdict/${unitKeyOf(key)}`, { type: 'verdict', ...key, valid, digest })
  }

  /** A trainer that vanished after its reveal does not cost its verifiers their pay. */
  #discloseInPlace(state: LedgerState): void {
    for (const duty of settlesDue(state, this.#parts.self)) {
      const key = keyOf(duty)
      const verdict = this.#verdicts.get(unitKeyOf(key))
      const since = duty.until - state.parameters.phases.settle
      if (!verdict?.valid || state.height < since + SETTLE_PATIENCE_BLOCKS) continue
      const { replayKey } = verdict
      this.#parts.outbox.sendFor(`settle/${unitKeyOf(key)}`, { type: 'settle', ...key, replayKey })
    }
  }

  #remember(key: string, verdict: OwnVerdict): void {
    this.#verdicts.set(key, verdict)
    const [oldest] = this.#verdicts.keys()
    if (this.#verdicts.size > KEPT_VERDICTS && oldest !== undefined) this.#verdicts.delete(oldest)
  }
}

function claimOf({ commitment, replayKeyHash, lossBefore, lossAfter, reveal }: RevealedUpdate): UnitClaim {
  return { commitment, replayKeyHash, lossBefore, lossAfter, ...reveal }
}
