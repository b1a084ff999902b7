import { type Committee, validatorOf } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'
import type { ConsensusMessage } from '@hydraai/node'
import { Violation } from '../violation.ts'
import { isMoreThanTwoThirds } from './testimony.ts'

/** What a machine heard is in its state of consensus after this long without a doubt. */
const SETTLED_MS = 50

/** What one machine heard and said of the round in which it is. */
interface Round {
  readonly height: number
  readonly round: number
  /** The first prevote heard of each validator; later ones are equivocation, and count for nothing here. */
  readonly prevotes: Map<Address, string>
  readonly proposed: Set<string>
  hasPrecommitted: boolean
  /** Since when it has had everything that sets the valid round. */
  since: number | null
}

/**
 * Holds lines 36 to 43 and 16 against honest machines: who hears a polka and its proposal while in that round, be it after
 * the precommit (line 42), never again proposes with an earlier valid round at that height.
 */
export class ValidRoundWatch {
  readonly #rounds = new Map<string, Round>()
  /** The latest valid round that a machine must have, by machine and height. */
  readonly #valid = new Map<string, { height: number; round: number }>()

  /** A new process: what was not on disk may be gone. */
  forget(id: string): void {
    this.#rounds.delete(id)
    this.#valid.delete(id)
  }

  /** The machine, which is in this round, hears or says a message whose signature is good. @throws Violation */
  on(
    machine: { id: string; address: Address; height: number; round: number; now: number },
    committee: Committee,
    message: ConsensusMessage,
  ): void {
    const { id, address, height, round, now } = machine
    if (message.type === 'proposal' && message.proposal.proposer === address) this.#judge(id, message.proposal)
    const here = this.#enter(id, { height, round })
    this.#take(here, address, message)
    if (!here.hasPrecommitted || !isComplete(here, committee)) return
    here.since ??= now
    if (now - here.since >= SETTLED_MS) this.#valid.set(id, { height, round })
  }

  #enter(id: string, { height, round }: { height: number; round: number }): Round {
    const known = this.#rounds.get(id)
    if (known?.height === height && known.round === round) return known
    const fresh = {
      height,
      round,
      prevotes: new Map(),
      proposed: new Set<string>(),
      hasPrecommitted: false,
      since: null,
    }
    this.#rounds.set(id, fresh)
    return fresh
  }

  #take(here: Round, self: Address, message: ConsensusMessage): void {
    if (message.type === 'vote') {
      const { type, height, round, validator, valueId } = message.vote
      if (height !== here.height || round !== here.round) return
      if (type === 'precommit') here.hasPrecommitted ||= validator === self
      else if (!here.prevotes.has(validator)) here.prevotes.set(validator, valueId ?? 'nil')
    } else if (message.type === 'proposal') {
      const { height, round, valueId } = message.proposal
      if (height === here.height && round === here.round) here.proposed.add(valueId)
    }
  }

  #judge(id: string, proposal: { height: number; round: number; validRound: number }): void {
    const valid = this.#valid.get(id)
    if (valid === undefined || valid.height !== proposal.height) return
    if (valid.round < proposal.round && proposal.validRound < valid.round)
      throw new Violation(
        'valid-round',
        `${id} proposes in round ${proposal.round} of block ${proposal.height} with the valid round ` +
          `${proposal.validRound}, though it has seen the polka of round ${valid.round}`,
      )
  }
}

function isComplete({ prevotes, proposed }: Round, committee: Committee): boolean {
  for (const value of proposed) {
    let power = 0
    for (const [voter, voted] of prevotes) if (voted === value) power += validatorOf(committee, voter)?.power ?? 0
    if (isMoreThanTwoThirds(power, committee.totalPower)) return true
  }
  return false
}
