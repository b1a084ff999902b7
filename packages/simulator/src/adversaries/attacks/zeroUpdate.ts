import type { TamperedUnit } from '@hydraai/node'
import { falseUnits, type Made } from '../falseUnits.ts'
import { madeUp } from '../forge.ts'

export const zeroUpdate = falseUnits({
  name: 'zero-update',
  is: 'trains nothing: an update of zeros, a made-up trace, true losses',
  forge: zeroOf,
})

/** The cheapest unit there is: it does no harm that a loss would show. */
export function zeroOf({ unit, job, stage: { forge } }: Made): TamperedUnit {
  return forge.remake(unit, job, {
    delta: new Float32Array(job.parameters.length / 4),
    leaves: madeUp('leaf', job),
    keys: madeUp('key', job),
  })
}
