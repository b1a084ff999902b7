import type { Validator } from '@hydraai/consensus'
import type { Address, Evaluation, Findings, Hash, Micro, PublicKey, Recipe } from '@hydraai/core'
import type { ChainParameters } from '../genesis/parameters.ts'
import type { Table } from './sortedTable.ts'

/** Everything the chain knows about one address. */
export interface Account {
  /** Known from the first transaction on; null for an address that has only received. */
  readonly publicKey: PublicKey | null
  /** Chosen at registration; not unique. Empty until then. */
  readonly name: string
  /** The nonce of the next transaction. */
  readonly nonce: number
  readonly balance: Micro
  readonly stake: Micro
  /** Pays update fees before the balance does. It is no money: it cannot be sent, and burning it burns no supply. */
  readonly feeCredit: Micro
  /** 0..100. */
  readonly reputation: number
  readonly registered: boolean
  /** Height of the last sign of life: a precommit in a commit, or a transaction that is part of training, a stake or presence. */
  readonly lastActive: number
  readonly slashed: boolean
  /** Its chance in the draws of this epoch: its power when the epoch began, which no block near a draw can change. */
  readonly drawPower: number
  /** The last epoch in which it is drawn only for seats that others leave over: it missed a turn to propose. 0: never. */
  readonly restsUntil: number
  /** Own training units that were accepted. */
  readonly unitsVerified: number
  /** Verdicts given on the units of others, whether they stood or not. */
  readonly verdictsGiven: number
  /** Height of the last accepted unit or verdict that stood, or since when its lack counts: reputation decays without. */
  readonly lastWorked: number
}

/** A model as the chain holds it: everything large is elsewhere, by hash. */
export interface Model {
  readonly id: string
  readonly document: Hash
  readonly data: Hash
  /** Content id of the tokenizer, for a model of texts. */
  readonly tokenizer: Hash | null
  /** Zeros until a published model is founded, the momentum's too. */
  readonly parameters: Hash
  readonly momentum: Hash
  readonly parameterCount: number
  /** Aggregations behind the parameters: as genesis says, 0 for a model published later. */
  readonly version: number
  /** Content id of the file that tells how the parameters of genesis were made; null when nobody had trained them. */
  readonly lineage: Hash | null
  /** Who published it; null for a model of genesis. */
  readonly owner: Address | null
  /** Height of the block that published it; 0 for a model of genesis. */
  readonly registeredAt: number
  /** What a unit of it earns, as a share of the chain's reward in millionths, and a verdict on one likewise. */
  readonly rewardPpm: number
  readonly recipe: Recipe
  readonly evaluation: Evaluation
}

/** Work, reveal and base in the open round; verify, disclose and aggregate in the round that settles behind it. */
export const PHASES = ['work', 'reveal', 'base', 'verify', 'disclose', 'aggregate'] as const
export type Phase = (typeof PHASES)[number]

/** A round of a model. A closed one leaves the state; its events tell of it. */
export interface Round {
  readonly model: string
  /** 1 is the first that trains; 0 is the founding of a published model. */
  readonly number: number
  /** Height of the block at whose end the round opened; 0 for genesis. */
  readonly openedAt: number
  readonly phase: Phase
  /**
   * The last block of the phase, as far as is known now: work goes on without a commit, base waits for the round before
   * to settle, aggregate until it is done.
   */
  readonly phaseEndsAt: number
  /** The beacon when the round opened: it decides who trains on what. */
  readonly beacon: Hash
  /** Hash of the parameters that its units start from. */
  readonly base: Hash
  /** The beacon that drew the verifiers; null before. */
  readonly drawBeacon: Hash | null
  /** Loss of the model on its held-out part when they were drawn, as float32 bits: what makes findings suspicious. 0 before. */
  readonly heldOutLoss: number
  /** Who revealed an update in the round before, the founders at first: work may end early once all of them committed. */
  readonly expected: readonly Address[]
  /** In order of (trainer, unit). */
  readonly updates: readonly Update[]
}

export const OUTCOMES = ['pending', 'accepted', 'refuted', 'expired', 'disputed'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** One training unit's way through a round. */
export interface Update {
  readonly trainer: Address
  readonly unit: number
  /** Id of the transaction that committed it. */
  readonly transaction: Hash
  readonly commitment: Hash
  /** sealOf its claims, which stay hidden until the verdicts are in. */
  readonly seal: Hash
  /** What the trainer's last accepted update of this lane and unit left out; null for none, and where nothing is left out. */
  readonly residualBefore: Hash | null
  readonly reveal: Reveal | null
  /** Whether it went into the base of the next round: a proposer and every validator had its payload. */
  readonly included: boolean
  /** Whom the beacon drew to verify it, in order of address; empty before the verify phase. */
  readonly verifiers: readonly DrawnVerifier[]
  /** The trainer's own weight in the quorum, fixed when the verifiers are drawn. */
  readonly trainerWeight: Micro
  /** What the trainer loses if it is refuted; fixed when the round goes to verify, 0 before. */
  readonly exposure: Micro
  /** In order of arrival. */
  readonly verdicts: readonly Verdict[]
  readonly claims: Claims | null
  readonly outcome: Outcome
}

export interface Reveal {
  readonly payload: Hash
  readonly payloadBytes: number
  readonly traceRoot: Hash
  /** What this update leaves out, for a recipe with sparse compression. */
  readonly residual: Hash | null
}

export interface DrawnVerifier {
  readonly address: Address
  readonly weight: Micro
  /** Segments to replay, from the unit's start; 0: only the light check. */
  readonly segments: number
}

export interface Verdict {
  readonly verifier: Address
  /** verdictDigest of what it found, which nobody can copy. */
  readonly digest: Hash
  /** Id of the transaction that brought it. */
  readonly transaction: Hash
  /** Null until disclosed. */
  readonly findings: Findings | null
  /** What a dispute needs when a replay found something else than the trainer. */
  readonly challenge: Challenge | null
}

/** What a trainer says of its unit, opened when the verdicts are in. */
export interface Claims {
  /** Mean loss on the probe of the round, as float32 bits: of the base, and of the base with this update. */
  readonly lossBefore: number
  readonly lossAfter: number
  /** Of every segment. */
  readonly keys: readonly Hash[]
  /** The seal held a false `lossAfter` on purpose, to catch who copies; this is the true one. */
  readonly planted: boolean
}

/** A leaf of a unit's trace and its way up to the trace root; no leaf and no proof for the start of a unit. */
export interface TracePoint {
  readonly leaf: Hash | null
  readonly proof: readonly Hash[]
}

/** Makes a mismatch something that can be narrowed down or ruled on. */
export type Challenge =
  | {
      readonly type: 'trace'
      readonly segment: number
      /** The trainer's leaves at both ends of the segment. */
      readonly before: TracePoint
      readonly after: TracePoint
      /** The challenger's own states at `sectionsOf` the segment's steps; the last is not the trainer's leaf. */
      readonly hashes: readonly Hash[]
    }
  /** The trace is right, but what was sealed from its end is something else. `after` is the last leaf. */
  | { readonly type: 'seal'; readonly after: TracePoint }

/** What a trainer's accepted update of a sparse model left out. The next one of its lane and unit takes it up. */
export interface Residual {
  readonly model: string
  readonly trainer: Address
  /** Parity of the round's number. */
  readonly lane: number
  readonly unit: number
  readonly residual: Hash
  /** The round of the update. */
  readonly round: number
}

/** Names an update, and the dispute about it. */
export interface UpdateRef {
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
}

/** What a dispute has come to. `pick` and `narrow` wait for a party's move, the others for a ruling. */
export type Question =
  /** What are the light findings of the update? */
  | { readonly type: 'findings' }
  /** What does the state `leaf` seal to? */
  | { readonly type: 'seal'; readonly challenger: Address; readonly leaf: Hash }
  /** What is the key of the state at the end of that segment? Its leaf stands in the payload. */
  | { readonly type: 'key'; readonly challenger: Address; readonly segment: number }
  /**
   * To the trainer: which is the first of the challenger's states that you deny? `hashes` are those at
   * `sectionsOf(from, to)`; both have the state `before` at step `from` (null: the unit's start).
   */
  | {
      readonly type: 'pick'
      readonly challenger: Address
      readonly from: number
      readonly to: number
      readonly before: Hash | null
      readonly hashes: readonly Hash[]
    }
  /** To the challenger, who has `after` at step `to`: what are your states at `sectionsOf(from, to)`? */
  | {
      readonly type: 'narrow'
      readonly challenger: Address
      readonly from: number
      readonly to: number
      readonly before: Hash | null
      readonly after: Hash
    }
  /**
   * What do the steps after `from` up to `to` make of the state `before` (null: the base with zero moments)? The challenger
   * says `after`. One step, or more where a party fell silent.
   */
  | {
      readonly type: 'step'
      readonly challenger: Address
      readonly from: number
      readonly to: number
      readonly before: Hash | null
      readonly after: Hash
    }

export const QUESTIONS = ['findings', 'seal', 'key', 'pick', 'narrow', 'step'] as const satisfies Question['type'][]

/** Two findings that contradict each other, on the way to a ruling. The round goes on without the update. */
export interface Dispute {
  readonly model: string
  readonly round: number
  /** Of the round: all that the update and findings about it are a function of. */
  readonly beacon: Hash
  readonly drawBeacon: Hash
  readonly base: Hash
  readonly heldOutLoss: number
  /** As it was when its round settled. */
  readonly update: Update
  readonly openedAt: number
  readonly question: Question
  /** The last block in which the question can be answered. */
  readonly until: number
  /** Verifiers that were proven wrong so far, in the order in which they were. */
  readonly wrong: readonly Address[]
  /** A question lapsed, so that nobody can say any more that the update is right. */
  readonly lapsed: boolean
  /** Whose challenge refuted the update; null while it is not refuted, or was by its light findings. */
  readonly upheld: Address | null
}

/** Stake that was taken back and stays bound until evidence against its owner has expired. */
export interface Unbonding {
  readonly account: Address
  readonly amount: Micro
  /** Height of the block at whose start it comes back to the balance. */
  readonly releaseAt: number
}

/** The whole replicated state after one block. Plain values, never changed once made. */
export interface LedgerState {
  readonly chainId: string
  readonly genesis: Hash
  readonly parameters: ChainParameters
  /** The genesis validators, in order of address. */
  readonly founders: readonly Address[]
  /** Height of the last applied block; 0 at genesis. */
  readonly height: number
  /** Time of the last applied block, ms since the epoch. */
  readonly time: number
  /** Hash of the last applied block; the genesis hash at height 0. Not under the state root, which that hash covers. */
  readonly blockHash: Hash
  readonly beacon: Hash
  /** Proposer of the last block, paid when the next one shows that it was committed. Null at genesis. */
  readonly proposer: Address | null
  /** The committee that decides the next block, in order of address. */
  readonly committee: readonly Validator[]
  /** The sum of all accounts' `drawPower`. */
  readonly totalDrawPower: Micro
  /** The committee that decided the last block; empty at genesis. */
  readonly lastCommittee: readonly Validator[]
  /** Peaks of the tree over the hashes of blocks 0 (the genesis hash) to height - 1, see history.ts. */
  readonly history: readonly Hash[]
  readonly minted: Micro
  readonly burnt: Micro
  readonly accounts: Table<Address, Account>
  readonly models: Table<string, Model>
  /** The open round of each model, by model id: in phase work, reveal or base, or aggregate for a founding. */
  readonly rounds: Table<string, Round>
  /** The round before it while it is verified, disclosed and aggregated, by model id. */
  readonly settling: Table<string, Round>
  /** By `residualKey`. */
  readonly residuals: Table<string, Residual>
  /** By `disputeKey`. */
  readonly disputes: Table<string, Dispute>
  /** By `unbondingKey`. */
  readonly unbondings: Table<string, Unbonding>
}
