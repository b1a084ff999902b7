import type { Hash, Recipe } from '@hydraai/core'
import { assertFinite } from '@hydraai/engine'
import { differenceOf, encodeBody } from './codec/body.ts'
import { encodePayload } from './payload.ts'

/** What a finished unit is sealed from. `residual` is what the trainer's unit before it left, or null. */
export interface SealingJob {
  /** The base of the round, `[count]`. */
  readonly parameters: Float32Array
  readonly recipe: Recipe
  readonly residual: Uint8Array | null
}

export interface SealedUnit {
  readonly payload: Uint8Array
  /** What the compression left over, for a later unit; null where the recipe keeps none. */
  readonly residual: Uint8Array | null
}

/**
 * Compresses what a unit came to: `theta` `[count]`, with the leaves of its trace. Throws NON_FINITE, or UPDATE_INVALID for a
 * residual of another shape.
 */
export function sealUnit(job: SealingJob, theta: Float32Array, leaves: readonly Hash[]): SealedUnit {
  const delta = differenceOf(job.parameters, theta)
  assertFinite(delta, 'the update')
  const { body, residual } = encodeBody(job.recipe, delta, job.residual)
  return { payload: encodePayload(job.recipe, leaves, body), residual }
}

/** The base with an update taken from it. Throws NON_FINITE. */
export function updatedBy(parameters: Float32Array, delta: Float32Array): Float32Array {
  const updated = differenceOf(parameters, delta)
  assertFinite(updated, 'the updated parameters')
  return updated
}
