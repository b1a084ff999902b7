import { proposerOf } from '@hydraai/consensus'
import type { Actor, ActorHost } from '../../actor.ts'
import { CONSENSUS, forgeProposal, forgeVote, proposalMessage, voteMessage } from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'

/** `one-round`: both halves are told in the same round; `two-rounds`: one half in an even round, the other in an odd one. */
export type Manner = 'one-round' | 'two-rounds'

/** What the colluders have agreed on; until it begins they keep to the protocol. */
export interface Plot {
  readonly manner: Manner
  begun: boolean
  /** The two halves of the honest machines, which do not hear each other. */
  readonly halves: readonly [readonly string[], readonly string[]]
}

const EVERY_MS = 200
const MAX_ROUND = 64

/**
 * One of more than a third that together make two halves decide different blocks. In a round in which the turn is theirs
 * each half gets a block of its own, with all of their votes: so many that the half skips to that round, and enough
 * beside its own for a quorum. With two rounds none of them says two things in one.
 */
export function colluder(plot: Plot): Actor {
  let done = false
  const follows = (topic: string) => plot.begun && topic === CONSENSUS
  return {
    kind: `colludes in ${plot.manner}`,
    start(host) {
      const look = () => {
        if (!plot.begun || done || host.accomplices()[0]?.id !== host.id) return host.clock.after(EVERY_MS, look)
        done = true
        for (const side of [0, 1] as const) betray(host, plot, side)
        return undefined
      }
      look()
    },
    // What its node heard it would pass on to the other half, and what it decided it would tell.
    onGossip: ({ topic }) => !follows(topic),
    onPublish: message => (follows(message.topic) ? [] : [message]),
    onRequest: ({ protocol }) => !plot.begun || !(protocol === CONSENSUS || protocol.startsWith('blocks/')),
    onAnswer: ({ protocol, response }) =>
      plot.begun && (protocol === CONSENSUS || protocol.startsWith('blocks/')) ? null : response,
  }
}

function betray(leader: ActorHost, { manner, halves }: Plot, side: 0 | 1): void {
  const { chain } = leader.node
  const height = chain.height + 1
  const committee = chain.committee()
  for (let round = 0; round < MAX_ROUND; round++) {
    const proposer = leader
      .accomplices()
      .find(({ keys }) => proposerOf(committee, height, round).address === keys.address)
    if (!proposer || (manner === 'two-rounds' && round % 2 !== side)) continue
    const made = otherBlock(proposer, height, side)
    if (made === null) return
    const { valueId, bytes } = made
    proposer.publish(
      proposalMessage(forgeProposal(proposer, { height, round, valueId, validRound: -1 }), bytes, halves[side]),
    )
    for (const accomplice of leader.accomplices())
      for (const type of ['prevote', 'precommit'] as const)
        accomplice.publish(voteMessage(forgeVote(accomplice, { type, height, round, valueId }), halves[side]))
    return
  }
}
