import type { Actor } from '../../actor.ts'
import { CONSENSUS, consensusOf } from '../messages.ts'
import { victimsOf } from '../sides.ts'

/** Shows its proposals to one other machine only, and serves nobody what it holds. */
export function dataWithholder(): Actor {
  return {
    kind: 'withholding proposer',
    onPublish(message, host) {
      const said = consensusOf(message)
      if (said === null || said.type === 'vote') return [message]
      return [{ ...message, to: victimsOf(host).slice(0, 1) }]
    },
    onAnswer: ({ protocol, response }) => (protocol === CONSENSUS || protocol.startsWith('content') ? null : response),
  }
}

/** Sends each vote to some only, others each time, and says nothing of it when asked. */
export function voteWithholder(): Actor {
  return {
    kind: 'withholding voter',
    onPublish(message, host) {
      if (consensusOf(message)?.type !== 'vote') return [message]
      return [{ ...message, to: victimsOf(host).filter(() => host.random.below(3) === 0) }]
    },
    onAnswer: ({ protocol, response }) => (protocol === CONSENSUS ? null : response),
  }
}

/** Does not propose when the beacon that its block would make is not to its liking: here, in half of its turns. */
export function beaconWithholder(): Actor {
  return {
    kind: 'beacon withholder',
    onPublish(message) {
      const said = consensusOf(message)
      if (said?.type !== 'proposal') return [message]
      return said.proposal.valueId.charCodeAt(0) % 2 === 0 ? [message] : []
    },
  }
}
