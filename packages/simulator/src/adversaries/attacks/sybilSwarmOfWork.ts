import { falseUnits } from '../falseUnits.ts'
import { noiseOf } from './noise.ts'

export const sybilSwarmOfWork = falseUnits({
  name: 'sybil-swarm-of-work',
  is: 'as many identities as honest trainers, each registered by proof of work, all send noise',
  scene: 'swarm',
  stances: ['new'],
  forge: noiseOf,
})
