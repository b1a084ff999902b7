import { falseUnits } from '../falseUnits.ts'
import { keepBack, withholding } from '../withholding.ts'

export const withheldPayload = falseUnits({
  name: 'withheld-payload',
  is: 'does the unit, and serves its payload to nobody',
  caught: outcome => outcome !== 'accepted',
  forge: ({ unit, stage }) => {
    keepBack(stage, unit.payload)
    return unit
  },
  also: stage => withholding(stage, () => false),
})
