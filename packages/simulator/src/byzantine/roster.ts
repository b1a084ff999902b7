import type { Actor } from '../actor.ts'
import { amnesiac } from './actors/amnesiac.ts'
import { equivocatingProposer } from './actors/equivocatingProposer.ts'
import { equivocatingVoter } from './actors/equivocatingVoter.ts'
import { flooder } from './actors/flooder.ts'
import { invalidProposer } from './actors/invalidBlocks.ts'
import { isolator } from './actors/isolator.ts'
import { syncLiar } from './actors/liars.ts'
import { polkaHider } from './actors/polkaHider.ts'
import { silent } from './actors/silent.ts'
import { spammer } from './actors/spammer.ts'
import { timeTraveller } from './actors/timeTraveller.ts'
import { beaconWithholder, dataWithholder, voteWithholder } from './actors/withholders.ts'
import { deafToItself } from './deaf.ts'

const KINDS = {
  'equivocating-proposer': equivocatingProposer,
  'equivocating-voter': () => equivocatingVoter('halves'),
  'bold-equivocator': () => equivocatingVoter('everybody'),
  silent,
  'withhold-data': dataWithholder,
  'withhold-votes': voteWithholder,
  'withhold-beacon': beaconWithholder,
  'hide-polka': polkaHider,
  isolator,
  'invalid-blocks': invalidProposer,
  'time-traveller': timeTraveller,
  amnesiac,
  flooder,
  'sync-liar': syncLiar,
  spammer,
} satisfies Record<string, () => Actor>

export type ActorName = keyof typeof KINDS

export const ACTOR_NAMES = Object.keys(KINDS) as ActorName[]

/** Everything that a machine may do against the protocol, by a name for the command line. */
export const ACTORS = Object.fromEntries(ACTOR_NAMES.map(name => [name, () => deafToItself(KINDS[name]())])) as Record<
  ActorName,
  () => Actor
>

/** How many of `founders` equal ones may be Byzantine while safety and liveness hold: less than a third. */
export function mostByzantine(founders: number): number {
  return Math.ceil(founders / 3) - 1
}
