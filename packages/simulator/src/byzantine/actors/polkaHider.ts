import type { SignedVote } from '@hydraai/consensus'
import { validatorOf } from '@hydraai/consensus'
import type { Actor, ActorHost, Outgoing } from '../../actor.ts'
import { CONSENSUS, forgeVote, proposalOf, voteMessage, voteOf } from '../messages.ts'
import { SeenProposals } from '../seenProposals.ts'
import { victimsOf } from '../sides.ts'
import { isMoreThanTwoThirds } from '../testimony.ts'

/** How long honest validators wait for more prevotes, and how much longer in each further round. */
const PREVOTE_TIMEOUT_MS = 1_000
const PREVOTE_STEP_MS = 500
const LONGEST_MS = 10_000
/** The votes are to arrive about when the wait of the victim ends. */
const LEAD_MS = 24

/**
 * Holds its prevotes back and shows them to a single machine at the last moment, so that this one alone sees the polka in
 * time and locks, while the others go on with nil. The victim is the proposer of the round, whose own turn is then the
 * furthest away. Its own proposals come so late that only some still prevote for them. Line 42 is what this cannot beat:
 * the polka comes to the others late, but it comes.
 */
export function polkaHider(): Actor {
  const seen = new SeenProposals()
  const heard = new Map<string, Set<string>>()
  let held: { round: string; vote: SignedVote } | null = null
  let late: { round: string; message: Outgoing } | null = null
  let due = ''

  function onPrevote(vote: SignedVote, host: ActorHost): void {
    const round = `${vote.height} ${vote.round}`
    const voters = heard.get(round) ?? new Set<string>()
    heard.set(round, voters.add(vote.validator))
    if (heard.size > 32) heard.delete(heard.keys().next().value!)
    const committee = host.node.chain.committee()
    const power = [...voters].reduce((sum, address) => sum + (validatorOf(committee, address as never)?.power ?? 0), 0)
    if (due === round || !isMoreThanTwoThirds(power, committee.totalPower)) return
    due = round
    const waitMs = Math.min(PREVOTE_TIMEOUT_MS + vote.round * PREVOTE_STEP_MS, LONGEST_MS)
    host.clock.after(waitMs - host.random.below(LEAD_MS), () => show(round, host))
  }

  function show(round: string, host: ActorHost): void {
    if (held?.round !== round) return
    const { proposer } = host.node.consensus.progress
    const victims = victimsOf(host)
    const asked = host.node.peers.all().find(({ address, peerId }) => address === proposer && victims.includes(peerId))
    const victim = asked?.peerId ?? victims[host.random.below(victims.length)]
    if (victim !== undefined) host.publish(voteMessage(held.vote, [victim]))
    held = null
  }

  /** Somebody's wait for the proposal has ended: now a third and a bit get it. */
  function propose(host: ActorHost): void {
    if (late === null) return
    const { message } = late
    late = null
    const victims = victimsOf(host)
    const from = host.random.below(victims.length)
    const count = Math.floor(victims.length / 2) + 1
    const to = victims.map((_, i) => victims[(from + i) % victims.length]!).slice(0, count)
    host.publish({ ...message, to })
  }

  return {
    kind: 'hides a polka',
    onGossip(message, host) {
      seen.note(message)
      const vote = voteOf(message)
      if (vote?.type === 'prevote') {
        if (vote.valueId === null && late?.round === `${vote.height} ${vote.round}`) propose(host)
        onPrevote(vote, host)
      }
      return true
    },
    onPublish(message, host) {
      seen.note(message)
      const vote = voteOf(message)
      if (vote === null) {
        const said = proposalOf(message)
        if (said === null) return [message]
        late = { round: `${said.proposal.height} ${said.proposal.round}`, message }
        return []
      }
      // Its precommits would only help a decision.
      if (vote.type === 'precommit') return []
      const { height, round } = vote
      const [valueId = null] = seen.of(height, round)
      held = { round: `${height} ${round}`, vote: forgeVote(host, { type: 'prevote', height, round, valueId }) }
      return []
    },
    onAnswer: ({ protocol, response }) => (protocol === CONSENSUS ? null : response),
  }
}
