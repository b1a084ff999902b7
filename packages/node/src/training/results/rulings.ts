import type { Hash } from '@hydraai/core'
import { type ComputedResult, disputeKey, type LedgerState, type Model, type RulingDue } from '@hydraai/ledger'
import { payloadLeaves, stateSizeOf } from '@hydraai/training'
import type { Compute, RulingJob } from '../../compute/compute.ts'
import type { Library } from '../../library.ts'
import { sourceOf, type UnitJobs } from '../unitJobs.ts'
import { Computations } from './computations.ts'

const KEPT = 256

type RulingResult = Extract<ComputedResult, { type: 'ruling' }>

/** What every validator computes to decide a dispute, from content that the dispute names by its hash. */
export class RulingResults {
  readonly #parts: { compute: Compute; library: Library; jobs: UnitJobs }
  readonly #results = new Computations<RulingResult>(KEPT)

  constructor(parts: { compute: Compute; library: Library; jobs: UnitJobs }) {
    this.#parts = parts
  }

  ready(due: RulingDue): RulingResult | null {
    return this.#results.result(keyOf(due))
  }

  of(state: LedgerState, due: RulingDue): Promise<RulingResult> {
    return this.#results.of(keyOf(due), async () => {
      const subject = state.models.get(due.dispute.model)!
      const answer = await this.#parts.compute.rule(await this.#jobOf(due, subject))
      return { type: 'ruling', ...refOf(due), answer }
    })
  }

  async #jobOf({ dispute, question }: RulingDue, subject: Model): Promise<RulingJob> {
    const { jobs } = this.#parts
    const source = sourceOf(dispute)
    switch (question.type) {
      case 'findings': {
        const unit = await jobs.of(source, subject, { withResidual: false })
        const reveal = dispute.update.reveal!
        const rest = { drawBeacon: dispute.drawBeacon, segments: 0, heldOutLoss: subject.evaluation.lossBits }
        return { type: 'findings', check: { ...unit, claim: reveal, payload: await this.#payload(dispute), ...rest } }
      }
      case 'seal': {
        const leaves = payloadLeaves(await this.#payload(dispute), subject.recipe)
        const state = await this.#state(question.leaf, subject)
        return { type: 'seal', unit: await jobs.of(source, subject), state, leaves }
      }
      case 'key': {
        const leaves = payloadLeaves(await this.#payload(dispute), subject.recipe)
        return { type: 'key', state: await this.#state(leaves[question.segment]!, subject) }
      }
      case 'step': {
        const { before, from, to } = question
        const state = before === null ? null : await this.#state(before, subject)
        return { type: 'step', unit: await jobs.of(source, subject, { withResidual: false }), before: state, from, to }
      }
    }
  }

  #payload({ update }: RulingDue['dispute']): Promise<Uint8Array> {
    const { payload, payloadBytes } = update.reveal!
    return this.#parts.library.get(payload, { maxBytes: payloadBytes })
  }

  /** As a party of the dispute serves it. */
  #state(id: Hash, { parameterCount }: Model): Promise<Uint8Array> {
    return this.#parts.library.get(id, { maxBytes: stateSizeOf(parameterCount) })
  }
}

function refOf({ dispute: { model, round, update } }: RulingDue) {
  return { model, round, trainer: update.trainer, unit: update.unit }
}

function keyOf(due: RulingDue): string {
  return `${disputeKey(refOf(due))} ${due.dispute.openedAt} ${JSON.stringify(due.question)}`
}
