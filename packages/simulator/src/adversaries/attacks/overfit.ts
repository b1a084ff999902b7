import { parametersOfBytes, parametersToBytes } from '@hydraai/engine'
import { falseUnits } from '../falseUnits.ts'

/** Times that the assigned batches are gone over, where one is asked for. */
const PASSES = 4

export const overfit = falseUnits({
  name: 'overfit',
  is: 'shows the true trace, and sends what came of going over the assigned batches four times',
  forge: ({ unit, job, stage: { forge } }) => {
    const base = parametersOfBytes(job.parameters)
    let theta = base
    for (let pass = 0; pass < PASSES; pass++) {
      const { delta } = forge.train({ ...job, parameters: parametersToBytes(theta), residual: null })
      theta = theta.map((value, i) => value - delta[i]!)
    }
    return forge.remake(unit, job, { delta: base.map((value, i) => value - theta[i]!) })
  },
})
