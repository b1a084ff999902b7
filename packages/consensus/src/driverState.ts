import type { Address, Hash } from '@hydraai/core'
import type { Commit } from './commit.ts'
import type { Committee } from './committee.ts'
import type { Evidence } from './evidence.ts'
import type { FarVotes } from './farVotes.ts'
import type { Proposal, SignedProposal } from './proposal.ts'
import type { ProposalKeeper } from './proposalKeeper.ts'
import type { RoundState } from './roundMachine.ts'
import type { Timeout, TimeoutKind } from './timeout.ts'
import type { SignedVote, Vote } from './vote.ts'
import type { VoteKeeper } from './voteKeeper.ts'

/**
 * What the host feeds in. It has checked the signatures of proposals and votes and judged the proposed value; its own
 * signed messages it feeds in like anybody's.
 */
export type DriverInput =
  /** Begins a height; `self` is null for one who only watches. Ignored unless the height is later than the running one. */
  | {
      readonly type: 'StartHeight'
      readonly height: number
      readonly committee: Committee
      readonly self: Address | null
    }
  /** Answers GetValue. */
  | { readonly type: 'ValueReady'; readonly height: number; readonly round: number; readonly valueId: Hash }
  /**
   * `timely` (true unless given): whether the value was proposed near the present. It decides the prevote for a first
   * proposal (line 22) and nothing else: what a quorum stands behind is locked and decided whatever the clock says.
   */
  | {
      readonly type: 'Proposal'
      readonly proposal: SignedProposal
      readonly valid: boolean
      readonly timely?: boolean
    }
  | { readonly type: 'Vote'; readonly vote: SignedVote }
  | { readonly type: 'Timeout'; readonly timeout: Timeout }

/** What the host is to do, in this order. */
export type DriverEffect =
  | { readonly type: 'EnterRound'; readonly height: number; readonly round: number; readonly proposer: Address }
  /** Build a value and answer with ValueReady. */
  | { readonly type: 'GetValue'; readonly height: number; readonly round: number }
  /** Sign, log, feed back in and send. */
  | { readonly type: 'SignProposal'; readonly proposal: Proposal }
  | { readonly type: 'SignVote'; readonly vote: Vote }
  /** Feed the same timeout back in when its time is up. */
  | { readonly type: 'ScheduleTimeout'; readonly timeout: Timeout }
  | {
      readonly type: 'Decide'
      readonly height: number
      readonly round: number
      readonly valueId: Hash
      readonly commit: Commit
    }
  | { readonly type: 'Evidence'; readonly evidence: Evidence }

/** One height. A plain value: it can be compared, kept and written as JSON. */
export interface DriverState {
  readonly committee: Committee
  /** Null: it watches, and signs nothing. */
  readonly self: Address | null
  readonly machine: RoundState
  readonly votes: VoteKeeper
  readonly proposals: ProposalKeeper
  /** Who was heard in rounds so far ahead that their votes are not kept. */
  readonly far: FarVotes
  /** Timers that this round has scheduled: lines 34 and 47 do so "for the first time" only. */
  readonly scheduled: readonly TimeoutKind[]
  /** GetValue was asked for in this round and not answered. */
  readonly awaitsValue: boolean
  /** What was decided, and in which round. */
  readonly decision: { readonly round: number; readonly valueId: Hash } | null
}

export interface DriverTransition {
  state: DriverState
  effects: DriverEffect[]
}
