import { falseUnits } from '../falseUnits.ts'

const FACTOR = 10

export const inflatedNorm = falseUnits({
  name: 'inflated-norm',
  is: 'does the unit and sends ten times the update, to weigh more than the others',
  forge: ({ unit, job, stage: { forge } }) =>
    forge.remake(unit, job, { delta: forge.deltaOf(unit, job).map(value => FACTOR * value) }),
})
