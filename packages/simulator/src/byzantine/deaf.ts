import type { Actor } from '../actor.ts'
import { CONSENSUS, consensusOf } from './messages.ts'

/**
 * The actor on a node that does not hear what is signed with its own key: an honest node that hears itself say what it
 * did not say takes somebody else for a thief of its key and falls silent.
 */
export function deafToItself(actor: Actor): Actor {
  return {
    ...actor,
    onGossip(message, host) {
      const isHeard = actor.onGossip?.(message, host) ?? true
      const said = isHeard ? consensusOf(message) : null
      const by = said?.type === 'vote' ? said.vote.validator : said?.type === 'proposal' ? said.proposal.proposer : null
      return isHeard && by !== host.keys.address
    },
    onRequest(request, host) {
      return request.protocol !== CONSENSUS && (actor.onRequest?.(request, host) ?? true)
    },
  }
}
