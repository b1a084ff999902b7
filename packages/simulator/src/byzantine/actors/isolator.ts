import { type Proposal, proposerOf, validatorOf } from '@hydraai/consensus'
import type { Hash } from '@hydraai/core'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import { CONSENSUS, forgeProposal, forgeVote, proposalMessage, proposalOf, voteMessage, voteOf } from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { victimsOf } from '../sides.ts'

/** Rounds in which a turn right before one's own is looked for. */
const LOOKAHEAD = 8

/** A height at which one machine is to decide alone. The value is known when it is proposed. */
interface Scheme {
  readonly height: number
  readonly victim: string
  proposed: { readonly round: number; readonly valueId: Hash } | null
}

/**
 * Lets one honest machine decide alone, which the wires make possible: nothing of it gets out during a height, and the
 * precommits that make its quorum go to it alone. All others are then locked and do not know what was decided, and are
 * tempted with other values, some with a claim of a valid round that nobody saw. Every lock must hold.
 */
export function isolator(): Actor {
  let scheme: Scheme | null = null

  function onProposal({ height, round, valueId }: Proposal, host: ActorHost): void {
    if (scheme?.height !== height || scheme.proposed !== null) return
    scheme.proposed = { round, valueId }
    for (const accomplice of host.accomplices()) {
      accomplice.publish(voteMessage(forgeVote(accomplice, { type: 'prevote', height, round, valueId })))
      const precommit = forgeVote(accomplice, { type: 'precommit', height, round, valueId })
      accomplice.publish(voteMessage(precommit, [scheme.victim]))
    }
  }

  const isOn = ({ wires, node }: ActorHost) => wires !== null && scheme?.height === node.chain.height + 1

  return {
    kind: 'lets one decide alone',
    start(host) {
      host.node.chain.committed.add(({ block }) => {
        const height = block.header.height + 1
        const victim = host.random.below(3) === 0 ? chooseVictim(host, height) : null
        if (victim === null) return
        scheme = { height, victim, proposed: null }
        isolate(victim, host)
      })
    },
    onGossip(message, host) {
      const said = proposalOf(message)
      if (said !== null) onProposal(said.proposal, host)
      // Its own node must not decide, or it would go on to the next height instead of tempting the others.
      const vote = isOn(host) ? voteOf(message) : null
      return vote?.type !== 'precommit' || vote.valueId === null || vote.valueId !== scheme?.proposed?.valueId
    },
    onRequest: ({ protocol }, host) => !isOn(host) || !tellsOfDecisions(protocol),
    onPublish(message, host) {
      if (message.topic !== CONSENSUS) return [message]
      const said = proposalOf(message)
      const isFirst = said !== null && scheme?.height === said.proposal.height && scheme.proposed === null
      if (!isFirst) return tempt(message, scheme, host)
      onProposal(said.proposal, host)
      return [message]
    },
    onAnswer: ({ protocol, response }, host) => (isOn(host) && tellsOfDecisions(protocol) ? null : response),
  }
}

function tellsOfDecisions(protocol: string): boolean {
  return protocol === CONSENSUS || protocol.startsWith('blocks/')
}

/**
 * A validator whose turn to propose it is not. Best one whose turn comes right before that of an accomplice: in its own
 * round there will then be nothing to vote for but nil, and in the next a temptation.
 */
function chooseVictim(host: ActorHost, height: number): string | null {
  const { random, wires, node } = host
  const committee = node.chain.committee()
  const turnOf = (round: number) => proposerOf(committee, height, round).address
  const victims = victimsOf(host)
  const known = node.peers
    .all()
    .filter(one => one.address !== turnOf(0) && victims.includes(one.peerId) && validatorOf(committee, one.address))
  if (wires === null || known.length === 0) return null
  const own = host.accomplices().map(({ keys }) => keys.address)
  for (let round = 1; round < LOOKAHEAD && random.below(4) > 0; round++) {
    const before = known.find(({ address }) => address === turnOf(round))
    if (before && own.includes(turnOf(round + 1))) return before.peerId
  }
  return random.pick(known).peerId
}

/** Nothing of it gets to anybody, the accomplices' honest halves included: they would pass it on. Until all is mended. */
function isolate(victim: string, host: ActorHost): void {
  for (const other of [host.id, ...host.peers()]) if (other !== victim) host.wires?.cut(victim, other)
}

/** Where the scheme is on: no vote for its value, and new values when the turn comes. Elsewhere the node is left alone. */
function tempt(message: Outgoing, scheme: Scheme | null, host: ActorHost): Outgoing[] {
  const vote = voteOf(message)
  if (vote !== null) {
    const proposed = vote.height === scheme?.height ? scheme.proposed : null
    if (proposed === null || vote.round < proposed.round) return [message]
    if (vote.round === proposed.round) return []
    return [vote.valueId === proposed.valueId ? voteMessage(forgeVote(host, { ...vote, valueId: null })) : message]
  }
  const said = proposalOf(message)
  if (said === null || said.proposal.height !== scheme?.height) return [message]
  const { height, round } = said.proposal
  const other = otherBlock(host, height, 0)
  if (other === null || other.valueId === scheme.proposed?.valueId) return []
  const validRound = host.random.pick([-1, round - 1])
  const { valueId, bytes } = other
  const tempting = forgeProposal(host, { height, round, valueId, validRound })
  const votes = (['prevote', 'precommit'] as const).map(type =>
    voteMessage(forgeVote(host, { type, height, round, valueId })),
  )
  return [proposalMessage(tempting, bytes), ...votes]
}
