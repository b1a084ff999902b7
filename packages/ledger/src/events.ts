import {
  type Address,
  address,
  bool,
  type Codec,
  type Evaluation,
  evaluationCodec,
  type Hash,
  hash,
  int,
  list,
  MAX_SEGMENTS,
  type Micro,
  micro,
  nullable,
  oneOf,
  struct,
  text,
  uint,
  uintMax,
  variant,
} from '@hydraai/core'
import { MAX_VERIFIERS } from './state/limits.ts'
import { OUTCOMES, type Outcome, PHASES, type Phase, QUESTIONS, type Question } from './state/types.ts'

/**
 * One thing that a block did, as a line to show and to add up. `transaction` names the transaction behind it. `amount`
 * is never negative; `moneyOf` tells whose wealth it raised or lowered.
 */
export type LedgerEvent =
  | { readonly type: 'genesis-stake'; readonly account: Address; readonly name: string; readonly amount: Micro }
  /** For having proposed the block at `height`. */
  | { readonly type: 'block-reward'; readonly account: Address; readonly amount: Micro; readonly height: number }
  /** For a precommit in the commit of the block at `height`. */
  | { readonly type: 'precommit-reward'; readonly account: Address; readonly amount: Micro; readonly height: number }
  | ({ readonly type: 'unit-reward'; readonly account: Address; readonly amount: Micro } & UnitRef)
  | ({
      readonly type: 'verdict-reward'
      readonly account: Address
      readonly amount: Micro
      readonly trainer: Address
    } & UnitRef)
  | {
      readonly type: 'transfer'
      readonly transaction: Hash
      readonly from: Address
      readonly to: Address
      readonly amount: Micro
      readonly memo: string
    }
  /** A model came to the chain; it has no parameters before it is founded. */
  | {
      readonly type: 'publish'
      readonly transaction: Hash
      readonly account: Address
      readonly model: string
      readonly document: Hash
      readonly data: Hash
      readonly tokenizer: Hash | null
      readonly parameterCount: number
    }
  /** A published model of `account` was not founded in time and is gone. */
  | { readonly type: 'model-dropped'; readonly account: Address; readonly model: string; readonly round: number }
  /** `from` paid `amount` to `account` for an answer; what of the price is burnt is a fee beside it. */
  | {
      readonly type: 'query-payment'
      readonly transaction: Hash
      readonly account: Address
      readonly from: Address
      readonly amount: Micro
      readonly model: string
      readonly version: number
      readonly tokens: number
    }
  /** `amount` was burnt from the balance, `credit` came out of the fee credit. */
  | {
      readonly type: 'fee'
      readonly transaction: Hash
      readonly account: Address
      readonly amount: Micro
      readonly credit: Micro
    }
  | {
      readonly type: 'registration'
      readonly transaction: Hash
      readonly account: Address
      readonly name: string
      readonly credit: Micro
    }
  /** Moved from the account's balance to its stake, which is `total` now. */
  | {
      readonly type: 'stake'
      readonly transaction: Hash
      readonly account: Address
      readonly amount: Micro
      readonly total: Micro
    }
  /** Moved from the account's stake, of which `total` is left, to what comes back at the start of block `releaseAt`. */
  | {
      readonly type: 'unstake'
      readonly transaction: Hash
      readonly account: Address
      readonly amount: Micro
      readonly total: Micro
      readonly releaseAt: number
    }
  /** What was taken back from the stake has come to the balance. */
  | { readonly type: 'unbond'; readonly account: Address; readonly amount: Micro }
  | { readonly type: 'presence'; readonly transaction: Hash; readonly account: Address }
  /** It was the account's turn to propose the block at `height`, and another's was decided. */
  | {
      readonly type: 'missed-turn'
      readonly account: Address
      readonly height: number
      readonly restsUntil: number
    }
  /** The committee of epoch `epoch` was drawn: `members` of `candidates`. */
  | {
      readonly type: 'epoch'
      readonly epoch: number
      readonly members: number
      readonly candidates: number
    }
  /** `from` paid it to `account`, who proposed the block. */
  | {
      readonly type: 'tip'
      readonly transaction: Hash
      readonly account: Address
      readonly from: Address
      readonly amount: Micro
    }
  /** Burnt of all that was bound, for an offence at `height`; `reporter` brought the proof. */
  | {
      readonly type: 'slash'
      readonly transaction: Hash
      readonly account: Address
      readonly amount: Micro
      readonly height: number
      readonly reporter: Address
      readonly offence: Offence
    }
  /** For replaying `segments` of a unit with keys that stood. */
  | ({
      readonly type: 'replay-reward'
      readonly account: Address
      readonly amount: Micro
      readonly trainer: Address
      readonly segments: number
    } & UnitRef)
  /** `account` lost it of what is bound, for a false unit of its own; what is not paid as a bounty is burnt. */
  | ({
      readonly type: 'unit-slash'
      readonly account: Address
      readonly amount: Micro
      readonly burnt: Micro
    } & UnitRef)
  /** `account` lost it of what is bound, for false findings or a false challenge; what is not paid as a bounty is burnt. */
  | ({
      readonly type: 'verdict-slash'
      readonly account: Address
      readonly amount: Micro
      readonly burnt: Micro
      readonly trainer: Address
    } & UnitRef)
  /** Out of what `from` lost: for having found it out, or for having been wronged. */
  | ({
      readonly type: 'bounty'
      readonly account: Address
      readonly from: Address
      readonly amount: Micro
      readonly trainer: Address
    } & UnitRef)
  | ({ readonly type: 'commit'; readonly account: Address } & UnitRef)
  | ({ readonly type: 'reveal'; readonly account: Address; readonly payload: Hash } & UnitRef)
  | ({ readonly type: 'verdict'; readonly account: Address; readonly trainer: Address } & UnitRef)
  /** What the trainer claims of its unit, shown by itself or by a verifier; `lossAfter` is the true one of a plant. */
  | ({
      readonly type: 'open'
      readonly account: Address
      readonly trainer: Address
      readonly lossBefore: number
      readonly lossAfter: number
      readonly planted: boolean
    } & UnitRef)
  | ({ readonly type: 'disclose'; readonly account: Address; readonly trainer: Address } & UnitRef)
  /** A round came into a phase; phase `work` means that the round opened. */
  | {
      readonly type: 'phase'
      readonly model: string
      readonly round: number
      readonly phase: Phase
      readonly endsAt: number
    }
  /** The next round starts from `parameters`, the aggregate of `included` of this round's `revealed` updates; of none: the model's. */
  | {
      readonly type: 'base'
      readonly model: string
      readonly round: number
      readonly parameters: Hash
      readonly included: number
      readonly revealed: number
    }
  | ({ readonly type: 'update' } & UpdateStory)
  /** A question was put in a dispute, to be answered until a height; `challenger` is whose findings it is about, null for all. */
  | ({
      readonly type: 'dispute'
      readonly trainer: Address
      readonly question: Question['type']
      readonly challenger: Address | null
      readonly until: number
    } & UnitRef)
  /** All validators computed the answer to a question; it proved `wrong` wrong. */
  | ({
      readonly type: 'ruling'
      readonly trainer: Address
      readonly question: Question['type']
      readonly wrong: readonly Address[]
    } & UnitRef)
  | {
      readonly type: 'reputation'
      readonly account: Address
      readonly change: number
      readonly reputation: number
    }
  /** Reputation lost for want of work that was accepted. */
  | {
      readonly type: 'decay'
      readonly account: Address
      readonly change: number
      readonly reputation: number
    }
  | {
      readonly type: 'model'
      readonly model: string
      readonly round: number
      readonly version: number
      readonly parameters: Hash
      readonly evaluation: Evaluation
      /** Accepted updates that went into it. */
      readonly updates: number
    }

/** What a stake is lost for: two votes that contradict each other, or a signature under a block that never was. */
const OFFENCES = ['duplicate-vote', 'light-client-attack'] as const
export type Offence = (typeof OFFENCES)[number]

/** A unit, and the transaction behind the event. */
export interface UnitRef {
  readonly model: string
  readonly round: number
  readonly unit: number
  readonly transaction: Hash
}

/** What became of one verdict: it held neither for nor against its verifier (`open`), or there was none (`silent`). */
export const JUDGEMENTS = ['stood', 'wrong', 'open', 'silent'] as const
export type Judgement = (typeof JUDGEMENTS)[number]

/** All that is to tell of one update when it is decided, and once more when a dispute about it ends. */
export interface UpdateStory extends UnitRef {
  readonly trainer: Address
  readonly outcome: Outcome
  /** As float32 bits; null when they were never opened. */
  readonly lossBefore: number | null
  readonly lossAfter: number | null
  readonly planted: boolean
  /** Of the payload; 0 when it was not revealed. */
  readonly bytes: number
  /** How many verifiers were drawn to replay, and up to how many segments `of` all; null for a light check only. */
  readonly audit: { readonly auditors: number; readonly segments: number; readonly of: number } | null
  /** Of everyone drawn, in order of address; `segments` is what they replayed. */
  readonly verdicts: readonly JudgedVerdict[]
  /** What the trainer got for it. */
  readonly reward: Micro
}

export interface JudgedVerdict {
  readonly verifier: Address
  readonly segments: number
  readonly judgement: Judgement
}

const name = text({ maxBytes: 32 })
const bits = uintMax(0xffffffff)
const segments = uintMax(MAX_SEGMENTS)
const unitRef = { model: name, round: uint, unit: uint, transaction: hash }

export const eventCodec: Codec<LedgerEvent> = variant({
  'genesis-stake': { account: address, name, amount: micro },
  'block-reward': { account: address, amount: micro, height: uint },
  'precommit-reward': { account: address, amount: micro, height: uint },
  'unit-reward': { account: address, amount: micro, ...unitRef },
  'verdict-reward': { account: address, amount: micro, trainer: address, ...unitRef },
  transfer: { transaction: hash, from: address, to: address, amount: micro, memo: text({ maxBytes: 64 }) },
  publish: {
    transaction: hash,
    account: address,
    model: name,
    document: hash,
    data: hash,
    tokenizer: nullable(hash),
    parameterCount: uint,
  },
  'model-dropped': { account: address, model: name, round: uint },
  'query-payment': {
    transaction: hash,
    account: address,
    from: address,
    amount: micro,
    model: name,
    version: uint,
    tokens: uint,
  },
  fee: { transaction: hash, account: address, amount: micro, credit: micro },
  registration: { transaction: hash, account: address, name, credit: micro },
  stake: { transaction: hash, account: address, amount: micro, total: micro },
  unstake: { transaction: hash, account: address, amount: micro, total: micro, releaseAt: uint },
  unbond: { account: address, amount: micro },
  presence: { transaction: hash, account: address },
  'missed-turn': { account: address, height: uint, restsUntil: uint },
  epoch: { epoch: uint, members: uint, candidates: uint },
  tip: { transaction: hash, account: address, from: address, amount: micro },
  slash: {
    transaction: hash,
    account: address,
    amount: micro,
    height: uint,
    reporter: address,
    offence: oneOf(OFFENCES),
  },
  'replay-reward': { account: address, amount: micro, trainer: address, segments, ...unitRef },
  'unit-slash': { account: address, amount: micro, burnt: micro, ...unitRef },
  'verdict-slash': { account: address, amount: micro, burnt: micro, trainer: address, ...unitRef },
  bounty: { account: address, from: address, amount: micro, trainer: address, ...unitRef },
  commit: { account: address, ...unitRef },
  reveal: { account: address, payload: hash, ...unitRef },
  verdict: { account: address, trainer: address, ...unitRef },
  open: { account: address, trainer: address, lossBefore: bits, lossAfter: bits, planted: bool, ...unitRef },
  disclose: { account: address, trainer: address, ...unitRef },
  phase: { model: name, round: uint, phase: oneOf(PHASES), endsAt: uint },
  base: { model: name, round: uint, parameters: hash, included: uint, revealed: uint },
  update: {
    trainer: address,
    outcome: oneOf(OUTCOMES),
    lossBefore: nullable(bits),
    lossAfter: nullable(bits),
    planted: bool,
    bytes: uint,
    audit: nullable(struct({ auditors: uintMax(MAX_VERIFIERS), segments, of: segments })),
    verdicts: list(struct({ verifier: address, segments, judgement: oneOf(JUDGEMENTS) }), { max: MAX_VERIFIERS }),
    reward: micro,
    ...unitRef,
  },
  dispute: { trainer: address, question: oneOf(QUESTIONS), challenger: nullable(address), until: uint, ...unitRef },
  ruling: { trainer: address, question: oneOf(QUESTIONS), wrong: list(address, { max: MAX_VERIFIERS }), ...unitRef },
  reputation: { account: address, change: int, reputation: uint },
  decay: { account: address, change: int, reputation: uint },
  model: { model: name, round: uint, version: uint, parameters: hash, evaluation: evaluationCodec, updates: uint },
})

/** All events of one block. */
export const eventsCodec: Codec<LedgerEvent[]> = list(eventCodec, { max: 1_000_000 })

/** A change of what an account owns: balance, stake and what is unbonding together. */
export interface MoneyEntry {
  readonly account: Address
  /** Negative when the account lost it. */
  readonly amount: Micro
}

/**
 * Who became richer or poorer by an event. Over all events since genesis (its own included) an account's entries add up
 * to its balance plus its stake plus what of it is unbonding. Staking, unstaking and release move money within an
 * account and give no entry.
 */
export function moneyOf(event: LedgerEvent): MoneyEntry[] {
  switch (event.type) {
    case 'genesis-stake':
    case 'block-reward':
    case 'precommit-reward':
    case 'unit-reward':
    case 'verdict-reward':
    case 'replay-reward':
    case 'bounty':
      return [{ account: event.account, amount: event.amount }]
    case 'transfer':
      return [
        { account: event.from, amount: -event.amount },
        { account: event.to, amount: event.amount },
      ]
    case 'query-payment':
    case 'tip':
      return [
        { account: event.from, amount: -event.amount },
        { account: event.account, amount: event.amount },
      ]
    case 'fee':
    case 'slash':
    case 'unit-slash':
    case 'verdict-slash':
      return [{ account: event.account, amount: -event.amount }]
    default:
      return []
  }
}
