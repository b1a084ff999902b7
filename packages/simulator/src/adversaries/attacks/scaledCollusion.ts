import { falseUnits } from '../falseUnits.ts'
import { vouchFor, vouching } from '../vouching.ts'

/** Against the direction of honest work, and more than it. */
const FACTOR = -3

export const scaledCollusion = falseUnits({
  name: 'scaled-collusion',
  is: 'three of ten trainers push the model the other way with three times the force, and vouch for each other',
  scene: 'ring',
  forge: ({ unit, job, stage }) => {
    const delta = stage.forge.deltaOf(unit, job).map(value => FACTOR * value)
    const forged = stage.forge.remake(unit, job, { delta })
    vouchFor(stage, job, forged)
    return forged
  },
  also: vouching,
})
