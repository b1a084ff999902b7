import type { Actor } from '../../actor.ts'
import { CONSENSUS } from '../messages.ts'

/** Follows the chain and says nothing: no proposal, no vote, no answer. */
export function silent(): Actor {
  return {
    kind: 'silent',
    onPublish: message => (message.topic === CONSENSUS ? [] : [message]),
    onAnswer: ({ protocol, response }) => (protocol === CONSENSUS ? null : response),
  }
}
