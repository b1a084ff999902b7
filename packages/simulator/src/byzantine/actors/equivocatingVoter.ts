import type { SignedVote } from '@hydraai/consensus'
import { type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { Actor } from '../../actor.ts'
import { forgeVote, voteMessage, voteOf } from '../messages.ts'
import { SeenProposals } from '../seenProposals.ts'
import { halvesOf } from '../sides.ts'

/** `halves`: one vote to one half, its contrary to the other; `everybody`: both to all, to be caught without fail. */
export type Boldness = 'halves' | 'everybody'

/** Votes twice in every step of every round, with prevotes and with precommits. */
export function equivocatingVoter(boldness: Boldness): Actor {
  const seen = new SeenProposals()
  return {
    kind: `equivocating voter (${boldness})`,
    onGossip(message) {
      seen.note(message)
      return true
    },
    onPublish(message, host) {
      seen.note(message)
      const vote = voteOf(message)
      if (vote === null) return [message]
      const contrary = voteMessage(forgeVote(host, { ...vote, valueId: contraryOf(vote, seen) }))
      if (boldness === 'everybody') return [message, contrary]
      const [left, right] = halvesOf(host, vote.round)
      return [
        { ...message, to: left },
        { ...contrary, to: right },
      ]
    },
  }
}

/** Another proposed value, nil for a value, or a value out of thin air. */
function contraryOf({ height, round, valueId }: SignedVote, seen: SeenProposals): Hash | null {
  const others = seen.of(height, round).filter(value => value !== valueId)
  if (others.length > 0) return others[0]!
  return valueId === null ? taggedHash('a value that nobody proposed', utf8(`${height} ${round}`)) : null
}
