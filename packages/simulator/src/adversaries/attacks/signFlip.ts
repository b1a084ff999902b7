import { falseUnits } from '../falseUnits.ts'

export const signFlip = falseUnits({
  name: 'sign-flip',
  is: 'does the unit and sends its opposite, to undo the work of another',
  forge: ({ unit, job, stage: { forge } }) =>
    forge.remake(unit, job, { delta: forge.deltaOf(unit, job).map(value => -value) }),
})
