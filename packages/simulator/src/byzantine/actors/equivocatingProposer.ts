import { decode } from '@hydraai/core'
import { blockCodec } from '@hydraai/ledger'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import {
  forgeProposal,
  forgeVote,
  type ProposalMessage,
  proposalMessage,
  proposalOf,
  voteMessage,
} from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { halvesOf } from '../sides.ts'

/** Proposes one block to one half and another, just as valid, to the other half; and prevotes for both. */
export function equivocatingProposer(): Actor {
  return {
    kind: 'equivocating proposer',
    onPublish(message, host) {
      const said = proposalOf(message)
      return said === null ? [message] : (twoFaced(said, message, host) ?? [message])
    },
  }
}

function twoFaced({ proposal, block }: ProposalMessage, message: Outgoing, host: ActorHost): Outgoing[] | null {
  const { height, round, validRound } = proposal
  const other = validRound === -1 ? otherBlock(host, height, 1, decode(blockCodec, block)) : null
  if (other === null) return null
  const [left, right] = halvesOf(host, round)
  const { valueId } = other
  const second = forgeProposal(host, { height, round, valueId, validRound: -1 })
  const vote = forgeVote(host, { type: 'prevote', height, round, valueId })
  return [{ ...message, to: left }, proposalMessage(second, other.bytes, right), voteMessage(vote, right)]
}
