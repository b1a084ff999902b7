import type { Recipe } from '@hydraai/core'
import { centredClipping } from './centredClipping.ts'
import { clippedMean } from './clippedMean.ts'
import { multiKrum } from './multiKrum.ts'
import { trimmedMean } from './trimmedMean.ts'

/**
 * One pseudo-gradient `[count]` from `updates` in the order of the ledger, each `[count]`, at least one, as the recipe says.
 * A function of its inputs bit by bit: only + − × / and √, every sum in a fixed order.
 */
export function combine({ aggregation }: Pick<Recipe, 'aggregation'>, updates: readonly Float32Array[]): Float32Array {
  switch (aggregation.type) {
    case 'clipped-mean':
      return clippedMean(updates)
    case 'trimmed-mean':
      return trimmedMean(updates, aggregation.trimPpm)
    case 'centred-clipping':
      return centredClipping(updates, aggregation)
    case 'multi-krum':
      return multiKrum(updates, aggregation.byzantinePpm)
  }
}
