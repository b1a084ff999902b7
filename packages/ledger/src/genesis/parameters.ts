import { type Codec, MICRO, type Micro, micro, struct, uintMax, uintRange } from '@hydraai/core'

/** What the founders of a chain fix for good. Amounts are micro-HYDRA, spans are blocks unless the name says otherwise. */
export interface ChainParameters {
  readonly blockIntervalMs: number
  /** Bounds the encoding of a whole block. */
  readonly maxBlockBytes: number
  readonly maxBlockTransactions: number
  /** Leading zero bits that a registration's proof of work must show. */
  readonly registrationDifficulty: number
  /** What a registration is given for its first update fees. */
  readonly feeCredit: Micro
  /** Least stake that votes, verifies and is drawn. */
  readonly minimumStake: Micro
  /** Stake beyond this gives no more weight and no more voting power. */
  readonly verifierStakeCap: Micro
  readonly rewards: {
    /** For the trainer of an accepted unit. */
    readonly unit: Micro
    /** For a verdict that stood. */
    readonly verdict: Micro
    /** For a replay of a whole unit that stood, on top of it; for fewer segments their share. */
    readonly replay: Micro
    /** For the proposer of a block that was committed. */
    readonly block: Micro
    /** For a precommit that stands in a commit. */
    readonly precommit: Micro
  }
  readonly fees: {
    /** Burnt with every committed update. */
    readonly update: Micro
    /** Burnt with every published model. */
    readonly model: Micro
    /** For an answer: paid by who asks, to who answers but for `queryBurnt` of it. */
    readonly query: Micro
    readonly queryBurnt: Micro
  }
  readonly penalties: {
    /** For a false unit. Whoever has less at stake is audited the more. */
    readonly unit: Micro
    /** For a verdict or a challenge that a ruling proves wrong; half of it goes to whom it wronged. */
    readonly verdict: Micro
    /** Share of a false unit's penalty that goes to who found it out, in millionths. */
    readonly bountyPpm: number
  }
  readonly audit: {
    /** How often units of a trainer of full reputation are replayed at least. */
    readonly floorPpm: number
    /** Below this reputation every unit is. */
    readonly knownReputation: number
  }
  readonly disputes: {
    /** In which a party has to answer a question put to it. */
    readonly moveBlocks: number
    /** In which a question to all is answered, or lapses. */
    readonly rulingBlocks: number
  }
  readonly phases: {
    /** Least length; from then on work ends when all who trained in the round before have committed a unit. */
    readonly work: number
    /** When work ends in any case, if there is a commit at all: slow machines get their unit in, vanished ones cost this. */
    readonly workLimit: number
    readonly reveal: number
    /** How long a round may wait for the base of the next one. */
    readonly base: number
    readonly verify: number
    /** At least 2: in the first block only the trainer opens its claims, from then on who knows them too. */
    readonly disclose: number
    /** How long a round may wait for its new model. */
    readonly aggregate: number
  }
  /** A verifier without a sign of life for longer than this is not drawn. */
  readonly activityWindow: number
  /** Length of an epoch: one committee's term. */
  readonly epochBlocks: number
  /** Most validators that vote at one height. */
  readonly committeeSize: number
  /**
   * Seats that a missed turn to propose costs: for as many epochs as would have given them, and at least for so many
   * epochs, who missed it is drawn only for seats that others leave over.
   */
  readonly restEpochs: number
  /** A staker without a sign of life for longer than this is not drawn into the committee. */
  readonly dormantBlocks: number
  /** Evidence older than this is refused. */
  readonly evidenceBlocks: number
  /** How long a stake that was taken back stays bound; longer than evidence against it can come. */
  readonly unbondingBlocks: number
}

export const DEFAULT_PARAMETERS: ChainParameters = {
  blockIntervalMs: 10_000,
  maxBlockBytes: 1_000_000,
  maxBlockTransactions: 4_000,
  registrationDifficulty: 18,
  feeCredit: 100_000n,
  minimumStake: MICRO,
  verifierStakeCap: 1000n * MICRO,
  rewards: { unit: MICRO, verdict: 100_000n, replay: 250_000n, block: 500_000n, precommit: 50_000n },
  fees: { update: 10_000n, model: MICRO, query: 500_000n, queryBurnt: 100_000n },
  penalties: { unit: 50n * MICRO, verdict: 5n * MICRO, bountyPpm: 500_000 },
  audit: { floorPpm: 100_000, knownReputation: 50 },
  disputes: { moveBlocks: 12, rulingBlocks: 30 },
  phases: { work: 24, workLimit: 48, reveal: 3, base: 6, verify: 20, disclose: 3, aggregate: 60 },
  activityWindow: 30,
  epochBlocks: 60,
  committeeSize: 64,
  restEpochs: 4,
  dormantBlocks: 120,
  evidenceBlocks: 51_840,
  unbondingBlocks: 60_480,
}

/** Bounds for every chain, whatever its genesis says: they size buffers and the codecs of blocks. */
export const MAX_BLOCK_BYTES = 8_388_608
export const MAX_BLOCK_TRANSACTIONS = 10_000
export const MAX_FOUNDERS = 64
export const MAX_COMMITTEE = 64
export const MAX_MODELS = 64
export const MAX_PARAMETER_COUNT = 2_147_483_648

/** No single amount in a genesis exceeds a million million HYDRA, so that no sum of a few can overflow. */
export const MAX_PARAMETER_AMOUNT: Micro = 1_000_000_000_000n * MICRO
/** With a full committee at this stake, three times the whole voting power is still a safe integer. */
export const MAX_STAKE_CAP: Micro = 10_000_000_000n * MICRO
/** Voting power is counted in thousandths of a HYDRA of stake. */
export const STAKE_PER_POWER: Micro = 1000n

const MILLION = 1_000_000
const span = uintRange(1, 10_000_000)
const amount: Codec<Micro> = micro

export const parametersCodec: Codec<ChainParameters> = struct({
  blockIntervalMs: uintRange(1, 3_600_000),
  maxBlockBytes: uintRange(65_536, MAX_BLOCK_BYTES),
  maxBlockTransactions: uintRange(1, MAX_BLOCK_TRANSACTIONS),
  registrationDifficulty: uintMax(64),
  feeCredit: amount,
  minimumStake: amount,
  verifierStakeCap: amount,
  rewards: struct({ unit: amount, verdict: amount, replay: amount, block: amount, precommit: amount }),
  fees: struct({ update: amount, model: amount, query: amount, queryBurnt: amount }),
  penalties: struct({ unit: amount, verdict: amount, bountyPpm: uintMax(MILLION) }),
  audit: struct({ floorPpm: uintMax(MILLION), knownReputation: uintMax(100) }),
  disputes: struct({ moveBlocks: span, rulingBlocks: span }),
  phases: struct({
    work: span,
    workLimit: span,
    reveal: span,
    base: span,
    verify: span,
    disclose: span,
    aggregate: span,
  }),
  activityWindow: span,
  epochBlocks: span,
  committeeSize: uintRange(1, MAX_COMMITTEE),
  restEpochs: uintMax(10_000),
  dormantBlocks: span,
  evidenceBlocks: span,
  unbondingBlocks: span,
})
