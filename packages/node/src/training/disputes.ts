import { type Address, type Hash, sectionsOf } from '@hydraai/core'
import { type Dispute, type LedgerState, narrowsDue, picksDue, type StateDue, statesDue } from '@hydraai/ledger'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import { type UnitKey, unitKeyOf } from './activity.ts'
import { CONTENT_LIFETIME_BLOCKS } from './content.ts'
import { sourceOf, type UnitJobs } from './unitJobs.ts'

/** States that were computed and may be asked for again in the next question of a dispute. */
const KEPT_HASHES = 4_096

export interface DisputesParts {
  self: Address
  compute: Compute
  library: Library
  jobs: UnitJobs
  outbox: Outbox
  journal: Journal
  logger: Logger
  nameOf: (address: Address) => string
}

/**
 * Speaks for this node in the disputes it is a party of, about its own unit or one that it replayed: what it says is computed
 * again from the unit's inputs, so it needs to remember nothing. States are put where others can fetch them only when a
 * question has come down to them.
 */
export class Disputes {
  readonly #parts: DisputesParts
  readonly #running = new Set<string>()
  /** Hashes of own states, by unit and step. */
  readonly #hashes = new Map<string, Hash>()
  readonly #served = new Set<string>()
  readonly #told = new Set<string>()

  constructor(parts: DisputesParts) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    const { self } = this.#parts
    for (const { dispute, question } of picksDue(state, self))
      this.#answer(`pick ${JSON.stringify(question)}`, dispute, async key => {
        const own = await this.#statesAt(dispute, state, sectionsOf(question.from, question.to))
        const denied = own.findIndex((hash, i) => hash !== question.hashes[i])
        // The last is another one than it committed to, whatever it computes now.
        const index = denied === -1 ? own.length - 1 : denied
        this.#parts.outbox.sendFor(dutyOf('pick', key, question), { type: 'pick', ...key, index })
      })
    for (const { dispute, question } of narrowsDue(state, self))
      this.#answer(`narrow ${JSON.stringify(question)}`, dispute, async key => {
        const hashes = await this.#statesAt(dispute, state, sectionsOf(question.from, question.to))
        this.#parts.outbox.sendFor(dutyOf('narrow', key, question), { type: 'narrow', ...key, hashes })
      })
    for (const due of statesDue(state, self))
      this.#answer(`state ${due.step}`, due.dispute, () => this.#serve(due, state))
  }

  /** Once at a time; what fails is tried again at the next block. */
  #answer(what: string, dispute: Dispute, answer: (key: UnitKey) => Promise<void>): void {
    const key = keyOf(dispute)
    const name = `${unitKeyOf(key)} ${what}`
    if (this.#running.has(name)) return
    this.#running.add(name)
    this.#tell(dispute)
    void answer(key)
      .catch(error => this.#parts.logger.warn('could not answer in a dispute', { name, error: String(error) }))
      .finally(() => this.#running.delete(name))
  }

  #tell(dispute: Dispute): void {
    const { self, journal, nameOf } = this.#parts
    const key = keyOf(dispute)
    const name = `${unitKeyOf(key)} ${dispute.openedAt}`
    if (this.#told.has(name)) return
    this.#told.add(name)
    const whose = key.trainer === self ? 'our own unit' : `the unit of ${nameOf(key.trainer)}`
    journal.write('WARN', `Dispute about ${whose} ${key.unit} in round ${key.round} of ${key.model}: answering`)
  }

  async #statesAt(dispute: Dispute, state: LedgerState, steps: readonly number[]): Promise<Hash[]> {
    const { compute, jobs } = this.#parts
    const names = steps.map(step => `${unitKeyOf(keyOf(dispute))} ${step}`)
    if (!names.every(name => this.#hashes.has(name))) {
      const subject = state.models.get(dispute.model)!
      const job = await jobs.of(sourceOf(dispute), subject, { withResidual: false })
      const hashes = await compute.states(job, steps)
      for (const [i, hash] of hashes.entries()) this.#hashes.set(names[i]!, hash)
    }
    const found = names.map(name => this.#hashes.get(name)!)
    for (const name of this.#hashes.keys()) if (this.#hashes.size > KEPT_HASHES) this.#hashes.delete(name)
    return found
  }

  async #serve({ dispute, step, hash }: StateDue, state: LedgerState): Promise<void> {
    const { compute, library, jobs, journal } = this.#parts
    const name = `${unitKeyOf(keyOf(dispute))} ${dispute.openedAt} ${step}`
    if (this.#served.has(name) || (hash !== null && (await library.has(hash)))) return
    const subject = state.models.get(dispute.model)!
    const job = await jobs.of(sourceOf(dispute), subject, { withResidual: false })
    const id = await library.put(await compute.state(job, step))
    await library.expire(id, dispute.until + CONTENT_LIFETIME_BLOCKS)
    this.#served.add(name)
    const { round, model } = dispute
    journal.write(
      'INFO',
      `Dispute in round ${round} of ${model}: the state after step ${step} can be fetched from here`,
    )
  }
}

function keyOf({ model, round, update }: Dispute): UnitKey {
  return { model, round, trainer: update.trainer, unit: update.unit }
}

function dutyOf(kind: string, key: UnitKey, { from, to }: { from: number; to: number }): string {
  return `${kind}/${unitKeyOf(key)}/${from}/${to}`
}
