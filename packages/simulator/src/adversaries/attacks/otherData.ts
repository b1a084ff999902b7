import { taggedHash, utf8 } from '@hydraai/core'
import { falseUnits } from '../falseUnits.ts'

const CHOSEN = taggedHash('a beacon of its own choice', utf8('other data'))

export const otherData = falseUnits({
  name: 'other-data',
  is: 'does all the steps, on batches of its own choice in place of the assigned ones',
  forge: ({ unit, job, stage: { forge } }) =>
    forge.remake(unit, job, forge.train({ ...job, id: { ...job.id, beacon: CHOSEN } })),
})
