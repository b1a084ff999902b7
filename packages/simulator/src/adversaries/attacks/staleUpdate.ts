import type { TamperedUnit } from '@hydraai/node'
import { falseUnits } from '../falseUnits.ts'

/** The first honest unit of each world, to be sent again and again. */
const first = new WeakMap<object, TamperedUnit>()

export const staleUpdate = falseUnits({
  name: 'stale-update',
  is: 'trains once and sends that payload again in every round, with true losses',
  forge: ({ unit, job, stage }) => {
    const old = first.get(stage)
    if (!old) {
      first.set(stage, unit)
      return null
    }
    return stage.forge.withPayload(unit, job, old.bytes, { keys: old.keys })
  },
})
