import { type Proposal, proposerOf, validatorOf } from '@hydraai/consensus'
import type { Hash } from '@hydraai/core'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import { CONSENSUS, forgeProposal, forgeVote, proposalMessage, proposalOf, voteMessage, voteOf } from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { victimsOf } from '../sides.ts'

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
      return true
    },
    onPublish: (message, host) => (message.topic === CONSENSUS ? tempt(message, scheme, host) : [message]),
    onAnswer: ({ protocol, response }) => (protocol === CONSENSUS ? null : response),
  }
}

/** A validator whose turn to propose it is not. */
function chooseVictim(host: ActorHost, height: number): string | null {
  const committee = host.node.chain.committee()
  const proposer = proposerOf(committee, height, 0).address
  const victims = victimsOf(host)
  const known = host.node.peers
    .all()
    .filter(
      ({ address, peerId }) => address !== proposer && victims.includes(peerId) && validatorOf(committee, address),
    )
  return host.wires === null || known.length === 0 ? null : host.random.pick(known).peerId
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
  if (scheme.proposed === null) return [message]
  if (other === null || other.valueId === scheme.proposed.valueId) return []
  const validRound = host.random.pick([-1, round - 1])
  const { valueId, bytes } = other
  const tempting = forgeProposal(host, { height, round, valueId, validRound })
  const votes = (['prevote', 'precommit'] as const).map(type =>
    voteMessage(forgeVote(host, { type, height, round, valueId })),
  )
  return [proposalMessage(tempting, bytes), ...votes]
}
