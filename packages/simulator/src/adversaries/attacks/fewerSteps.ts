import { falseUnits } from '../falseUnits.ts'
import { madeUp } from '../forge.ts'

export const fewerSteps = falseUnits({
  name: 'fewer-steps',
  is: 'does half of the steps and makes up the rest of the trace',
  forge: ({ unit, job, stage: { forge } }) => {
    const { recipe } = job
    const half = forge.train({ ...job, recipe: { ...recipe, stepsPerUnit: recipe.stepsPerUnit / 2 } })
    const done = half.leaves.length
    return forge.remake(unit, job, {
      delta: half.delta,
      leaves: [...half.leaves, ...madeUp('leaf', job).slice(done)],
      keys: [...half.keys, ...madeUp('key', job).slice(done)],
    })
  },
})
