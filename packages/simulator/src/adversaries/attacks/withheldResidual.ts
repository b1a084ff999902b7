import { falseUnits } from '../falseUnits.ts'
import { keepBack, withholding } from '../withholding.ts'

export const withheldResidual = falseUnits({
  name: 'withheld-residual',
  is: 'does the unit, and shows nobody what was left over before it, without which no one can seal it again',
  scene: 'sparse',
  caught: outcome => outcome !== 'accepted',
  forge: ({ unit, stage }) => {
    if (unit.residual !== null) keepBack(stage, unit.residual)
    return unit.residualBefore === null ? null : unit
  },
  also: stage => withholding(stage, () => false),
})
