import { HydraError, type Recipe } from '@hydraai/core'
import { decodePayload } from '@hydraai/training'

/** L2 norm of the update in a payload, in float64; null for a payload that is none of the model. */
export function normOfPayload(payload: Uint8Array, recipe: Recipe, count: number): number | null {
  try {
    const { delta } = decodePayload(payload, recipe, count)
    let sum = 0
    for (let i = 0; i < delta.length; i++) sum += delta[i]! * delta[i]!
    return Math.sqrt(sum)
  } catch (error) {
    if (error instanceof HydraError && error.code === 'UPDATE_INVALID') return null
    throw error
  }
}
