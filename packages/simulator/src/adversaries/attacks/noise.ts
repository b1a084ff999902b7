import type { TamperedUnit } from '@hydraai/node'
import { falseUnits, type Made } from '../falseUnits.ts'
import { madeUp } from '../forge.ts'

/** As large as a real update's values are. */
const SCALE = 0.02

export const noise = falseUnits({
  name: 'noise',
  is: 'trains nothing: random numbers for an update, a made-up trace, true losses',
  forge: noiseOf,
})

/** A unit that nobody trained. */
export function noiseOf({ unit, job, stage: { forge, random } }: Made): TamperedUnit {
  return forge.remake(unit, job, {
    delta: Float32Array.from({ length: job.parameters.length / 4 }, () => SCALE * (2 * random.unit() - 1)),
    leaves: madeUp('leaf', job),
    keys: madeUp('key', job),
  })
}
