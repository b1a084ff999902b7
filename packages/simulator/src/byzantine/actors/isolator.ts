import { type Proposal, proposerOf, type VoteType, validatorOf } from '@hydraai/consensus'
import type { Hash } from '@hydraai/core'
import type { Actor, ActorHost } from '../../actor.ts'
import {
  CONSENSUS,
  consensusOf,
  forgeProposal,
  forgeVote,
  proposalMessage,
  proposalOf,
  voteMessage,
} from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { victimsOf } from '../sides.ts'

/** How long a scheme goes on, and for how many rounds everything is said beforehand. */
const SCHEME_MS = 30_000
const ROUNDS = 8
/** About what a round takes that decides nothing: a block for a later round carries a later time. */
const ROUND_MS = 3_500

/** A height at which one machine is to decide alone. */
interface Scheme {
  readonly height: number
  readonly victim: string
  readonly until: number
  /** The script is out. */
  told: boolean
}

/**
 * Lets one honest machine decide alone, which power over the wires makes possible: nothing of it gets out during a height,
 * and the precommits that make its quorum go to it alone. All others are then locked and do not know what was decided. They
 * are kept going with nil, and tempted with other values, some with a claim of a valid round that nobody saw. Every
 * lock must hold.
 */
export function isolator(): Actor {
  let scheme: Scheme | null = null
  const isOn = ({ wires, clock }: ActorHost) => wires !== null && scheme !== null && clock.now() < scheme.until

  function onProposal(proposal: Proposal, host: ActorHost): void {
    if (!isOn(host) || scheme!.told || scheme!.height !== proposal.height || proposal.round > 0) return
    scheme!.told = true
    for (const accomplice of host.accomplices()) recite(accomplice, proposal.height, proposal.valueId, scheme!.victim)
  }

  return {
    kind: 'lets one decide alone',
    start(host) {
      host.node.chain.committed.add(({ block }) => {
        const height = block.header.height + 1
        const victim = isOn(host) ? null : chooseVictim(host, height)
        if (victim === null) return
        scheme = { height, victim, until: host.clock.now() + SCHEME_MS, told: false }
        // The accomplices' honest halves hear nothing of it either: they would pass it on.
        for (const other of [host.id, ...host.peers()]) if (other !== victim) host.wires?.cut(victim, other)
      })
    },
    onGossip(message, host) {
      const said = proposalOf(message)
      if (said !== null) onProposal(said.proposal, host)
      return true
    },
    onPublish(message, host) {
      const said = consensusOf(message)
      if (said === null || !isOn(host)) return [message]
      const { height, round } = said.type === 'vote' ? said.vote : said.proposal
      if (height !== scheme!.height) return [message]
      if (said.type === 'proposal') onProposal(said.proposal, host)
      return said.type === 'proposal' && round === 0 ? [message] : []
    },
    onAnswer({ protocol, response }, host) {
      const tells = protocol === CONSENSUS || protocol.startsWith('blocks/')
      return tells && isOn(host) ? null : response
    },
  }
}

/** All that one has to say at the height. Nothing keeps it from being said at once: whoever is not there yet keeps it. */
function recite(host: ActorHost, height: number, valueId: Hash, victim: string): void {
  const others = host.peers().filter(id => id !== victim)
  const vote = (type: VoteType, round: number, value: Hash | null, to?: readonly string[]) =>
    host.publish(voteMessage(forgeVote(host, { type, height, round, valueId: value }), to))
  vote('prevote', 0, valueId)
  vote('precommit', 0, valueId, [victim])
  vote('precommit', 0, null, others)
  const committee = host.node.chain.committee()
  for (let round = 1; round <= ROUNDS; round++) {
    const isTurn = proposerOf(committee, height, round).address === host.keys.address
    const made = isTurn ? otherBlock(host, height, round * ROUND_MS) : null
    if (made !== null) {
      const validRound = host.random.pick([-1, round - 1])
      host.publish(
        proposalMessage(forgeProposal(host, { height, round, valueId: made.valueId, validRound }), made.bytes),
      )
    }
    for (const type of ['prevote', 'precommit'] as const) vote(type, round, made?.valueId ?? null)
  }
}

/**
 * A validator whose absence makes a temptation come soon, if there is one at this height: its own turn is next, so that
 * there will be nothing to vote for but nil, and then that of an accomplice; or the next one is an accomplice's already.
 */
function chooseVictim(host: ActorHost, height: number): string | null {
  const { random, wires, node } = host
  const committee = node.chain.committee()
  const turnOf = (round: number) => proposerOf(committee, height, round).address
  const victims = victimsOf(host)
  const known = node.peers
    .all()
    .filter(one => one.address !== turnOf(0) && victims.includes(one.peerId) && validatorOf(committee, one.address))
  const own = host.accomplices().map(({ keys }) => keys.address)
  if (wires === null || known.length === 0) return null
  if (own.includes(turnOf(1))) return random.below(3) === 0 ? random.pick(known).peerId : null
  return own.includes(turnOf(2)) ? (known.find(({ address }) => address === turnOf(1))?.peerId ?? null) : null
}
