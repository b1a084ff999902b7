import { falseUnits } from '../falseUnits.ts'
import { vouchFor, vouching } from '../vouching.ts'
import { noiseOf } from './noise.ts'

export const sybilSwarmOfStake = falseUnits({
  name: 'sybil-swarm-of-stake',
  is: 'splits one stake among four identities, which send noise and vouch for each other',
  scene: 'split',
  twin: 'one',
  forge: made => {
    const forged = noiseOf(made)
    vouchFor(made.stage, made.job, forged)
    return forged
  },
  also: vouching,
})
