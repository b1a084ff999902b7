import { falseUnits } from '../falseUnits.ts'
import { zeroOf } from './zeroUpdate.ts'

export const betrayal = falseUnits({
  name: 'betrayal',
  is: 'earns full reputation by honest work with little at stake, then trains nothing',
  scene: 'poor',
  stances: ['trusted'],
  forge: zeroOf,
})
