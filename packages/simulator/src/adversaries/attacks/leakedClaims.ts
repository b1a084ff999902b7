import type { FinishedUnit } from '@hydraai/node'
import { falseVerdicts } from '../falseVerdicts.ts'
import { unitName } from '../names.ts'

type Leak = Pick<FinishedUnit, 'lossBefore' | 'lossAfter'>

const leaks = new WeakMap<object, Map<string, Leak>>()

export const leakedClaims = falseVerdicts({
  name: 'leaked-claims',
  is: 'a trainer tells a verifier what it sealed, planted claims included, and that says the same without looking',
  scene: 'pair',
  also: stage => ({
    tamper: () => ({
      unit: async (unit, { job }) => {
        const known = leaks.get(stage) ?? new Map<string, Leak>()
        leaks.set(stage, known.set(unitName(job.id), unit))
        return unit
      },
    }),
  }),
  lie: (found, duty, stage) => {
    const leak = leaks.get(stage)?.get(unitName(duty))
    return leak ? { ...found, lossBefore: leak.lossBefore, lossAfter: leak.lossAfter } : null
  },
})
