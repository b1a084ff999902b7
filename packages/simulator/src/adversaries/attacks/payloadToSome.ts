import { falseUnits } from '../falseUnits.ts'
import { keepBack, withholding } from '../withholding.ts'

/** The machine that is served. */
const FAVOURED = 'node0'

export const payloadToSome = falseUnits({
  name: 'payload-to-some',
  is: 'does the unit, and serves its payload to one of its peers only',
  caught: outcome => outcome !== 'accepted',
  forge: ({ unit, stage }) => {
    keepBack(stage, unit.payload)
    return unit
  },
  also: stage => withholding(stage, peer => peer === FAVOURED),
})
