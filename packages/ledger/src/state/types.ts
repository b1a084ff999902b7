import type { Validator } from '@hydraai/consensus'
import type { Address, Evaluation, Hash, Micro, PublicKey, Recipe } from '@hydraai/core'
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
  /** Height of the last sign of life: a precommit in a commit, a commit, verdict, settle, stake or presence transaction. */
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

export const PHASES = ['work', 'reveal', 'verify', 'settle', 'aggregate'] as const
export type Phase = (typeof PHASES)[number]

/** The round a model is in. A closed round leaves the state; its events tell of it. */
export interface Round {
  readonly model: string
  /** 1 is the first that trains; 0 is the founding of a published model. */
  readonly number: number
  /** Height of the block at whose end the round opened; 0 for genesis. */
  readonly openedAt: number
  readonly phase: Phase
  /** The last block of the phase, as far as is known now: work goes on without a commit, aggregate until it is done. */
  readonly phaseEndsAt: number
  /** The beacon when the round opened: it decides who trains on what. */
  readonly beacon: Hash
  /** Who revealed an update in the round before, the founders at first: work may end early once all of them committed. */
  readonly expected: readonly Address[]
  /** In order of (trainer, unit). */
  readonly updates: readonly Update[]
}

export type Outcome = 'pending' | 'accepted' | 'refuted' | 'expired'

/** One training unit's way through a round. */
export interface Update {
  readonly trainer: Address
  readonly unit: number
  /** Id of the transaction that committed it. */
  readonly transaction: Hash
  readonly commitment: Hash
  /** Claimed mean loss on the probe before and after, as float32 bits. */
  readonly lossBefore: number
  readonly lossAfter: number
  readonly replayKeyHash: Hash
  readonly reveal: Reveal | null
  /** Whom the beacon drew to verify it, in order of address; empty before the verify phase. */
  readonly verifiers: readonly DrawnVerifier[]
  /** The trainer's own weight in the quorum, fixed when the verifiers are drawn. */
  readonly trainerWeight: Micro
  /** In order of arrival. */
  readonly verdicts: readonly Verdict[]
  readonly replayKey: Hash | null
  readonly outcome: Outcome
}

export interface Reveal {
  readonly payload: Hash
  readonly payloadBytes: number
  readonly traceRoot: Hash
}

export interface DrawnVerifier {
  readonly address: Address
  readonly weight: Micro
}

export interface Verdict {
  readonly verifier: Address
  readonly valid: boolean
  /** verdictDigest({verifier, replayKey}): only who replayed the unit can know it. */
  readonly digest: Hash
  /** Id of the transaction that brought it. */
  readonly transaction: Hash
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
  /** The open round of each model, by model id. */
  readonly rounds: Table<string, Round>
  /** By `unbondingKey`. */
  readonly unbondings: Table<string, Unbonding>
}
