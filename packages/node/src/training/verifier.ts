import type { Address, Clock, Hash } from '@hydraai/core'
import { type Duty, type LedgerState, type RevealedUpdate, settlesDue, verificationDuties } from '@hydraai/ledger'
import type { UnitClaim } from '@hydraai/training'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { keyOf, type TrainingActivity, unitKeyOf } from './activity.ts'
import type { Documents } from './documents.ts'
import type { KindOf } from './kinds.ts'
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
  kindOf: KindOf
  /** Changes a verdict before it is sent. Only the simulator's and the tests' adversaries set it. */
  tamper?: (verdict: { valid: boolean; digest: Hash }) => { valid: boolean; digest: Hash }
}

interface OwnVerdict {
  readonly valid: boolean
  readonly digest: Hash
  readonly replayKey: Hash
}

interface Inputs {
  readonly parameters: Uint8Array
  readonly payload: Uint8Array
}

/** Replays the units this node is drawn for and votes. A payload that nobody serves gets no vote. */
export class Verifier {
  readonly #parts: VerifierParts
  readonly #verdicts = new Map<string, OwnVerdict>()
  /** What the duties need: null while it is on its way. */
  readonly #inputs = new Map<string, Inputs | null>()
  #state: LedgerState | null = null
  #running = false

  constructor(parts: VerifierParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    this.#state = state
    this.#discloseInPlace(state)
    const duties = this.#duties()
    const due = new Set(duties.map(duty => unitKeyOf(keyOf(duty))))
    for (const key of this.#inputs.keys()) if (!due.has(key)) this.#inputs.delete(key)
    for (const duty of duties) {
      const key = unitKeyOf(keyOf(duty))
      const verdict = this.#verdicts.get(key)
      if (verdict) this.#vote(duty, verdict)
      else if (!this.#inputs.has(key)) void this.#fetch(duty, key)
    }
  }

  /** Those of the round that ends first come first, whichever model they are of. */
  #duties(): Duty<RevealedUpdate>[] {
    return verificationDuties(this.#state!, this.#parts.self).sort((a, b) => a.until - b.until)
  }

  /** All payloads at once: one that is slow to come, or never comes, holds up none of the others. */
  async #fetch({ model, update }: Duty<RevealedUpdate>, key: string): Promise<void> {
    const { library, documents } = this.#parts
    this.#inputs.set(key, null)
    try {
      const subject = this.#state!.models.get(model)!
      const { payload, payloadBytes } = update.reveal
      const [parameters, bytes] = await Promise.all([
        library.get(subject.parameters),
        library.get(payload, { maxBytes: payloadBytes }),
        documents.ready(subject),
      ])
      if (this.#inputs.has(key)) this.#inputs.set(key, { parameters, payload: bytes })
    } catch (error) {
      this.#giveUp(key, error)
    }
    this.#work()
  }

  /** Until the next block, which tries again what is still due. */
  #giveUp(key: string, error: unknown): void {
    this.#inputs.delete(key)
    this.#parts.logger.warn('could not verify a unit', { unit: key, error: String(error) })
  }

  /** One unit after the other, always by the newest state. */
  #work(): void {
    if (this.#running) return
    for (const duty of this.#duties()) {
      const key = unitKeyOf(keyOf(duty))
      const inputs = this.#inputs.get(key)
      if (!inputs || this.#verdicts.has(key)) continue
      this.#running = true
      void this.#verify(duty, inputs)
        .catch(error => this.#giveUp(key, error))
        .finally(() => {
          this.#running = false
          this.#parts.activity.setVerifying(null)
          this.#work()
        })
      return
    }
  }

  async #verify(duty: Duty<RevealedUpdate>, inputs: Inputs): Promise<void> {
    const { self, compute, activity, journal, nameOf, kindOf, tamper } = this.#parts
    const { model, round, unit, trainer } = keyOf(duty)
    const subject = this.#state!.models.get(model)!
    const { document, data, recipe } = subject
    const id = { beacon: duty.beacon, model, round, unit, trainer }
    const label = unitLabel(id, kindOf(subject))
    const progress = { model, round, unit, trainer, label, steps: recipe.stepsPerUnit }
    activity.setVerifying({ ...progress, step: 0, loss: null })
    const job = { id, document, data, recipe, ...inputs, claim: claimOf(duty.update), verifier: self }
    const verdict = await compute.verify(job, ({ step, loss }) => activity.setVerifying({ ...progress, step, loss }))
    const said = { replayKey: verdict.replayKey, ...(tamper ? tamper(verdict) : verdict) }
    this.#remember(unitKeyOf(keyOf(duty)), said)
    this.#inputs.delete(unitKeyOf(keyOf(duty)))
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
