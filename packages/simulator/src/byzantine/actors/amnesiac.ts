import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import { forgeProposal, forgeVote, proposalMessage, proposalOf, voteMessage, voteOf } from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { SeenProposals } from '../seenProposals.ts'

/**
 * Has no locks: prevotes and precommits whatever was proposed last, and when its turn comes proposes something new where
 * it should propose the valid value again. It never contradicts itself within a round.
 */
export function amnesiac(): Actor {
  const seen = new SeenProposals()
  return {
    kind: 'amnesiac',
    onGossip(message) {
      seen.note(message)
      return true
    },
    onPublish(message, host) {
      const anew = proposeAnew(message, host)
      if (anew !== null) {
        seen.note(anew)
        return [anew]
      }
      seen.note(message)
      const vote = voteOf(message)
      if (vote === null) return [message]
      const proposed = seen.of(vote.height, vote.round).at(-1)
      if (proposed === undefined || proposed === vote.valueId) return [message]
      return [voteMessage(forgeVote(host, { ...vote, valueId: proposed }))]
    },
  }
}

function proposeAnew(message: Outgoing, host: ActorHost): Outgoing | null {
  const said = proposalOf(message)
  if (said === null || said.proposal.round === 0) return null
  const { height, round } = said.proposal
  const other = otherBlock(host, height, 0)
  if (other === null) return null
  return proposalMessage(forgeProposal(host, { height, round, valueId: other.valueId, validRound: -1 }), other.bytes)
}
