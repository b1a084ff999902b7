import type { Findings } from '@hydraai/core'
import { falseVerdicts } from '../falseVerdicts.ts'

const FAULT: Findings = {
  fault: 'payload-structure',
  lossBefore: 0,
  lossAfter: 0,
  freshBefore: 0,
  freshAfter: 0,
  replay: null,
}

export const colludingVoters = falseVerdicts({
  name: 'colluding-voters',
  is: 'three of ten verifiers, 30 % of the weight, say together that the units of all others cannot be read',
  scene: 'ring',
  lie: (_found, { trainer }, { attackers }) => (attackers.some(({ address }) => address === trainer) ? null : FAULT),
})
