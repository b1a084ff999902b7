import { contentIdOf, type Hash } from '@hydraai/core'
import { parametersOfBytes, parametersToBytes } from '@hydraai/engine'
import type { ComputedResult, LedgerState, ModelDue } from '@hydraai/ledger'
import { FOUNDING_ROUND, resultsDue } from '@hydraai/ledger'
import type { HydraNode } from '@hydraai/node'
import { aggregate } from '@hydraai/training'
import { Violation } from '../violation.ts'

/** Computes anew what every new version of a model should be: the aggregate of the updates that were accepted. */
export class AggregationWatch {
  readonly #onViolation: (violation: Violation) => void
  #checked = 0

  constructor(onViolation: (violation: Violation) => void) {
    this.#onViolation = onViolation
  }

  /** Versions that were computed anew. */
  get checked(): number {
    return this.#checked
  }

  /** Before a block with these results, at a machine that holds what they were computed from. */
  follow(before: LedgerState, results: readonly ComputedResult[], node: HydraNode): void {
    for (const result of results) {
      if (result.type !== 'model' || result.round === FOUNDING_ROUND) continue
      const due = resultsDue(before).find(one => one.type === 'model' && one.model === result.model)
      if (due?.type === 'model')
        void this.#check(due, result, node).catch(error => {
          // A machine that goes down, or was never asked to hold it.
          if (error instanceof Violation) this.#onViolation(error)
        })
    }
  }

  async #check(
    due: ModelDue,
    result: Extract<ComputedResult, { type: 'model' }>,
    { library }: HydraNode,
  ): Promise<void> {
    const ids = [due.parameters, due.momentum, ...due.updates.map(({ payload }) => payload)]
    for (const id of ids) if (!(await library.has(id))) return
    const [parameters, momentum, ...payloads] = await Promise.all(ids.map(id => library.get(id)))
    const next = aggregate({
      parameters: parametersOfBytes(parameters!),
      momentum: parametersOfBytes(momentum!),
      payloads,
      recipe: due.recipe,
    })
    this.#checked++
    const named: [Hash, Float32Array][] = [
      [result.parameters, next.parameters],
      [result.momentum, next.momentum],
    ]
    for (const [id, values] of named)
      if (contentIdOf(parametersToBytes(values)) !== id)
        throw new Violation(
          'aggregation',
          `round ${due.round} of ${due.model} came to another model than its updates give`,
        )
  }
}
