import type { SignedVote } from '@hydraai/consensus'
import type { Hash } from '@hydraai/core'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import { CONSENSUS, forgeProposal, forgeVote, proposalMessage, proposalOf, voteMessage, voteOf } from '../messages.ts'
import { otherBlock } from '../otherBlock.ts'
import { victimsOf } from '../sides.ts'

/** How long a machine that decided alone stays unheard. */
const ISOLATION_MS = 30_000

/** A height at which one machine is to decide alone. */
interface Scheme {
  readonly height: number
  readonly round: number
  readonly valueId: Hash
  readonly victim: string
}

/**
 * Lets one honest machine decide alone, which the wires make possible: as soon as it has prevoted, nothing of it gets out
 * any more, and the precommit that makes its quorum goes to it alone. All others are then locked and do not know what was
 * decided, and are tempted with other values: some with a claim of a valid round that nobody saw. Every lock must hold.
 */
export function isolator(): Actor {
  let scheme: Scheme | null = null

  function onPrevote(vote: SignedVote, from: string, host: ActorHost): void {
    const { height, round, valueId, validator } = vote
    if (host.wires === null || valueId === null || scheme?.height === height || validator === host.keys.address) return
    const victims = victimsOf(host)
    const victim = host.node.peers
      .all()
      .find(({ address, peerId }) => address === validator && victims.includes(peerId))
    // Heard from itself: whoever has passed it on may have passed on more.
    if (victim === undefined || victim.peerId !== from || host.random.below(3) > 0) return
    scheme = { height, round, valueId, victim: victim.peerId }
    isolate(victim.peerId, victims, host)
    for (const accomplice of host.accomplices())
      for (const type of ['prevote', 'precommit'] as const)
        accomplice.publish(voteMessage(forgeVote(accomplice, { type, height, round, valueId }), [victim.peerId]))
  }

  return {
    kind: 'lets one decide alone',
    onGossip(message, host) {
      const vote = voteOf(message)
      if (vote?.type === 'prevote') onPrevote(vote, message.from, host)
      return true
    },
    onPublish(message, host) {
      if (message.topic !== CONSENSUS) return [message]
      return tempt(message, scheme, host)
    },
    onAnswer: ({ protocol, response }) => (protocol === CONSENSUS ? null : response),
  }
}

function isolate(victim: string, others: readonly string[], host: ActorHost): void {
  const { wires } = host
  for (const other of others) if (other !== victim) wires?.clog(victim, other)
  host.clock.after(ISOLATION_MS, () => {
    for (const other of others) if (other !== victim) host.wires?.unclog(victim, other)
  })
}

/** Where the scheme is on: no vote for its value, and new values when the turn comes. Elsewhere the node is left alone. */
function tempt(message: Outgoing, scheme: Scheme | null, host: ActorHost): Outgoing[] {
  const vote = voteOf(message)
  if (vote !== null) {
    if (vote.height !== scheme?.height || vote.valueId !== scheme.valueId) return [message]
    return vote.round > scheme.round ? [voteMessage(forgeVote(host, { ...vote, valueId: null }))] : []
  }
  const said = proposalOf(message)
  if (said === null || said.proposal.height !== scheme?.height) return [message]
  const { height, round } = said.proposal
  const other = otherBlock(host, height, 0)
  if (other === null || other.valueId === scheme.valueId) return []
  const validRound = host.random.pick([-1, round - 1])
  const { valueId, bytes } = other
  const tempting = forgeProposal(host, { height, round, valueId, validRound })
  const votes = (['prevote', 'precommit'] as const).map(type =>
    voteMessage(forgeVote(host, { type, height, round, valueId })),
  )
  return [proposalMessage(tempting, bytes), ...votes]
}
