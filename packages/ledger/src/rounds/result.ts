import { type Codec, type Hash, hash, list, uint, variant } from '@hydraai/core'
import { type Ruling, rulingFields } from '../disputes/ruling.ts'
import { modelIdField } from '../genesis/modelId.ts'
import { disputeKey } from '../state/disputeKey.ts'
import { compareKeys } from '../state/sortedTable.ts'
import { type ModelUpdate, modelUpdateFields } from './aggregate.ts'

/** What the next round of a model starts from, as a proposer computed it from the updates whose payloads it holds. */
export interface BaseUpdate {
  readonly model: string
  /** The round whose updates they are. */
  readonly round: number
  /** Their places among the round's updates, ascending. */
  readonly included: readonly number[]
  readonly parameters: Hash
}

/**
 * What a block brings that was computed. The ledger cannot check the numbers; every validator computes them too and votes
 * nil on a block with others.
 */
export type ComputedResult =
  | ({ readonly type: 'model' } & ModelUpdate)
  | ({ readonly type: 'base' } & BaseUpdate)
  | ({ readonly type: 'ruling' } & Ruling)

/** More updates than a block's transactions can commit in a phase. */
const MAX_INCLUDED = 65_536

export const resultCodec: Codec<ComputedResult> = variant({
  model: modelUpdateFields,
  base: { model: modelIdField, round: uint, included: list(uint, { max: MAX_INCLUDED }), parameters: hash },
  ruling: rulingFields,
})

/** Rulings that a block may bring: every validator computes each of them before it votes. */
export const MAX_RULINGS = 16

const ORDER = { model: 0, base: 1, ruling: 2 } as const

/** Models first, then bases, then rulings, each in order of what they are about. */
export function compareResults(a: ComputedResult, b: ComputedResult): number {
  return ORDER[a.type] - ORDER[b.type] || compareKeys(subjectOf(a), subjectOf(b))
}

function subjectOf(result: ComputedResult): string {
  return result.type === 'ruling' ? disputeKey(result) : result.model
}
