import { falseUnits } from '../falseUnits.ts'
import { madeUp } from '../forge.ts'

export const falseTrace = falseUnits({
  name: 'false-trace',
  is: 'does the unit, sends the true update, and makes the trace up',
  forge: ({ unit, job, stage: { forge } }) =>
    forge.remake(unit, job, { leaves: madeUp('leaf', job), keys: madeUp('key', job) }),
})
