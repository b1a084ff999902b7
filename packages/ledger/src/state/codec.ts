import { MAX_TOTAL_POWER, type Validator } from '@hydraai/consensus'
import {
  type Address,
  address,
  bool,
  type Codec,
  evaluationCodec,
  findingsCodec,
  type Hash,
  hash,
  list,
  MAX_SECTIONS,
  MAX_SEGMENTS,
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
  variant,
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
import { MAX_VERIFIERS } from './limits.ts'
import {
  type Account,
  type Challenge,
  type Dispute,
  type LedgerState,
  type Model,
  OUTCOMES,
  PHASES,
  type Question,
  type Residual,
  type Round,
  type TracePoint,
  type Unbonding,
  type Update,
} from './types.ts'

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
  lastWorked: uint,
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

const lossBits = uintMax(0xffffffff)

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
  base: hash,
  drawBeacon: nullable(hash),
  heldOutLoss: lossBits,
  expected: list(address, { max: MAX_EXPECTED }),
})

/** Longest way from one of {@link MAX_SEGMENTS} leaves to their root. */
const MAX_TRACE_PROOF = 6

const tracePointCodec: Codec<TracePoint> = struct({
  leaf: nullable(hash),
  proof: list(hash, { max: MAX_TRACE_PROOF }),
})

export const challengeCodec: Codec<Challenge> = variant({
  trace: {
    segment: uintMax(MAX_SEGMENTS - 1),
    before: tracePointCodec,
    after: tracePointCodec,
    hashes: list(hash, { max: MAX_SECTIONS }),
  },
  seal: { after: tracePointCodec },
})

/** Keys of a unit's segments. */
export const segmentKeys: Codec<Hash[]> = list(hash, { max: MAX_SEGMENTS })

export const updateCodec: Codec<Update> = struct({
  trainer: address,
  unit: uint,
  transaction: hash,
  commitment: hash,
  seal: hash,
  residualBefore: nullable(hash),
  reveal: nullable(struct({ payload: hash, payloadBytes: uint, traceRoot: hash, residual: nullable(hash) })),
  included: bool,
  verifiers: list(struct({ address, weight: micro, segments: uintMax(MAX_SEGMENTS) }), { max: MAX_VERIFIERS }),
  trainerWeight: micro,
  exposure: micro,
  verdicts: list(
    struct({
      verifier: address,
      digest: hash,
      transaction: hash,
      findings: nullable(findingsCodec),
      challenge: nullable(challengeCodec),
    }),
    { max: MAX_VERIFIERS },
  ),
  claims: nullable(struct({ lossBefore: lossBits, lossAfter: lossBits, keys: segmentKeys, planted: bool })),
  outcome: oneOf(OUTCOMES),
})

export const residualCodec: Codec<Residual> = struct({
  model: modelIdField,
  trainer: address,
  lane: uintMax(1),
  unit: uint,
  residual: hash,
  round: uint,
})

const segment = uintMax(MAX_SEGMENTS - 1)
/** The challenger's states at the sections of a stretch. */
export const sectionHashes: Codec<Hash[]> = list(hash, { max: MAX_SECTIONS })
const stretch = { challenger: address, from: uint, to: uint, before: nullable(hash) }

export const questionCodec: Codec<Question> = variant({
  findings: {},
  seal: { challenger: address, leaf: hash },
  key: { challenger: address, segment },
  pick: { ...stretch, hashes: sectionHashes },
  narrow: { ...stretch, after: hash },
  step: { ...stretch, after: hash },
})

export const disputeCodec: Codec<Dispute> = struct({
  model: modelIdField,
  round: uint,
  beacon: hash,
  drawBeacon: hash,
  base: hash,
  heldOutLoss: lossBits,
  update: updateCodec,
  openedAt: uint,
  question: questionCodec,
  until: uint,
  wrong: list(address, { max: MAX_VERIFIERS }),
  lapsed: bool,
  upheld: nullable(address),
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
