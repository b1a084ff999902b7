import { proposerOf } from '@hydraai/consensus'
import { taggedHash, utf8 } from '@hydraai/core'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import { CONSENSUS, forgeProposal, forgeVote, proposalMessage, voteMessage } from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { victimsOf } from '../sides.ts'

const EVERY_MS = 700
const KEPT = 400

/** Repeats what was said long ago, by anybody, and says what is not due yet: votes and proposals of rounds and heights to come. */
export function timeTraveller(): Actor {
  const past: Outgoing[] = []
  const keep = ({ topic, data }: Outgoing) => {
    if (topic !== CONSENSUS || data.length > 4_096) return
    past.push({ topic, data })
    if (past.length > KEPT) past.shift()
  }
  return {
    kind: 'stale and future messages',
    start(host) {
      const travel = () => {
        for (const message of journey(host, past)) host.publish(message)
        host.clock.after(EVERY_MS, travel)
      }
      host.clock.after(EVERY_MS, travel)
    },
    onGossip(message) {
      keep(message)
      return true
    },
    onPublish(message) {
      keep(message)
      return [message]
    },
  }
}

function journey(host: ActorHost, past: readonly Outgoing[]): Outgoing[] {
  const { random } = host
  const { height, round } = host.node.consensus.progress
  const messages: Outgoing[] = []
  if (past.length > 0) messages.push({ ...random.pick(past), to: victimsOf(host) })
  const valueId = taggedHash('some time', utf8(`${random.below(3)}`))
  const type = random.pick(['prevote', 'precommit'] as const)
  const ahead = { height: height + random.below(4), round: round + random.pick([0, 1, 2, 50, 150, 1_000_000]) }
  messages.push(voteMessage(forgeVote(host, { type, ...ahead, valueId })))
  const turn = [1, 2, 3, 4, 5].map(n => round + n).find(next => isTurn(host, height, next))
  const made = turn === undefined ? null : otherBlock(host, height, 0)
  if (turn !== undefined && made !== null) {
    const parts = { height, round: turn, valueId: made.valueId, validRound: random.pick([-1, turn - 1]) }
    messages.push(proposalMessage(forgeProposal(host, parts), made.bytes))
  }
  return messages
}

function isTurn({ node, keys }: ActorHost, height: number, round: number): boolean {
  return proposerOf(node.chain.committee(), height, round).address === keys.address
}
