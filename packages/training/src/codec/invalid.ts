import { HydraError } from '@hydraai/core'

/** UPDATE_INVALID: what a stranger sent is not what any trainer writes. */
export function invalidUpdate(what: string): HydraError {
  return new HydraError('UPDATE_INVALID', `The update cannot be read: ${what}.`)
}
