import { falseVerdicts } from '../falseVerdicts.ts'

export const rubberStamp = falseVerdicts({
  name: 'rubber-stamp',
  is: 'checks nothing, and says that the loss did not change',
  lie: found => ({ ...found, lossAfter: found.lossBefore, freshAfter: found.freshBefore, replay: null }),
})
