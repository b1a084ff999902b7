import { MAX_TOTAL_POWER, type Validator } from '@hydraai/consensus'
import {
  type Address,
  address,
  bool,
  type Codec,
  evaluationCodec,
  type Hash,
  hash,
  list,
  micro,
  nullable,
  oneOf,
  publicKey,
  recipeCodec,
  struct,
  text,
  uint,
  uintMax,
  uintRange,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'
import {
  type ChainParameters,
  MAX_COMMITTEE,
  MAX_FOUNDERS,
  MAX_PARAMETER_COUNT,
  parametersCodec,
} from '../genesis/parameters.ts'
import { FULL_REWARD_PPM } from '../models/reward.ts'
import { type Account, type LedgerState, type Model, PHASES, type Round, type Unbonding, type Update } from './types.ts'

// How each value of the state is written under the state root and in snapshots.

export const accountCodec: Codec<Account> = struct({
  publicKey: nullable(publicKey),
  name: text({ maxBytes: 32 }),
  nonce: uint,
  balance: micro,
  stake: micro,
  feeCredit: micro,
  reputation: uintMax(100),
  registered: bool,
  lastActive: uint,
  slashed: bool,
  drawPower: uintMax(MAX_TOTAL_POWER),
  restsUntil: uint,
  unitsVerified: uint,
  verdictsGiven: uint,
})

export const modelCodec: Codec<Model> = struct({
  id: modelIdField,
  document: hash,
  data: hash,
  tokenizer: nullable(hash),
  parameters: hash,
  momentum: hash,
  parameterCount: uintRange(1, MAX_PARAMETER_COUNT),
  version: uint,
  recipe: recipeCodec,
  evaluation: evaluationCodec,
  lineage: nullable(hash),
  owner: nullable(address),
  registeredAt: uint,
  rewardPpm: uintMax(FULL_REWARD_PPM),
})

/** Trainers that a round can wait for; a block with a commit of each would not hold more in a phase. */
const MAX_EXPECTED = 1_000_000

/** A round without its updates, which are entries of their own. */
export const roundCodec: Codec<Omit<Round, 'updates'>> = struct({
  model: modelIdField,
  number: uint,
  openedAt: uint,
  phase: oneOf(PHASES),
  phaseEndsAt: uint,
  beacon: hash,
  expected: list(address, { max: MAX_EXPECTED }),
})

const MAX_VERIFIERS = 16

export const updateCodec: Codec<Update> = struct({
  trainer: address,
  unit: uint,
  transaction: hash,
  commitment: hash,
  lossBefore: uintMax(0xffffffff),
  lossAfter: uintMax(0xffffffff),
  replayKeyHash: hash,
  reveal: nullable(struct({ payload: hash, payloadBytes: uint, traceRoot: hash })),
  verifiers: list(struct({ address, weight: micro }), { max: MAX_VERIFIERS }),
  trainerWeight: micro,
  verdicts: list(struct({ verifier: address, valid: bool, digest: hash, transaction: hash }), { max: MAX_VERIFIERS }),
  replayKey: nullable(hash),
  outcome: oneOf(['pending', 'accepted', 'refuted', 'expired']),
})

/** What never changes. */
export interface ChainEntry {
  readonly chainId: string
  readonly genesis: Hash
  readonly parameters: ChainParameters
  readonly founders: readonly Address[]
}

export const chainCodec: Codec<ChainEntry> = struct({
  chainId: text({ maxBytes: 14 }),
  genesis: hash,
  parameters: parametersCodec,
  founders: list(address, { max: MAX_FOUNDERS }),
})

/** What changes with every block. */
export type HeadEntry = Pick<
  LedgerState,
  'height' | 'time' | 'beacon' | 'proposer' | 'totalDrawPower' | 'minted' | 'burnt' | 'history'
>

/** More peaks than a chain can ever have: a height is a safe integer. */
const MAX_PEAKS = 53

export const headCodec: Codec<HeadEntry> = struct({
  height: uint,
  time: uint,
  beacon: hash,
  proposer: nullable(address),
  totalDrawPower: micro,
  minted: micro,
  burnt: micro,
  history: list(hash, { max: MAX_PEAKS }),
})

/** Who decides the next block and who decided the last; an entry of its own, for it rarely changes. */
export interface CommitteeEntry {
  readonly next: readonly Validator[]
  readonly last: readonly Validator[]
}

const members: Codec<Validator[]> = list(struct({ address, publicKey, power: uintRange(1, MAX_TOTAL_POWER) }), {
  max: MAX_COMMITTEE,
})

export const committeeEntryCodec: Codec<CommitteeEntry> = struct({ next: members, last: members })

export const unbondingCodec: Codec<Unbonding> = struct({ account: address, amount: micro, releaseAt: uint })
