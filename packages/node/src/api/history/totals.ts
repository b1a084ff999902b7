import { type Address, type Infer, type Micro, micro, struct, uint } from '@hydraai/core'
import { type LedgerEvent, moneyOf } from '@hydraai/ledger'

/** All that ever moved an account's wealth, by kind, from genesis on. */
export const totalsCodec = struct({
  genesisStake: micro,
  blocks: micro,
  precommits: micro,
  units: micro,
  verdicts: micro,
  /** For running units of others again. */
  replays: micro,
  /** For proving that an update or a verdict was false. */
  bounties: micro,
  /** For taking in the transactions of others. */
  tips: micro,
  received: micro,
  sent: micro,
  fees: micro,
  slashed: micro,
  /** Units that the account committed, accepted or not. */
  commits: uint,
})
export type Totals = Infer<typeof totalsCodec>

export const NO_TOTALS: Totals = {
  genesisStake: 0n,
  blocks: 0n,
  precommits: 0n,
  units: 0n,
  verdicts: 0n,
  replays: 0n,
  bounties: 0n,
  tips: 0n,
  received: 0n,
  sent: 0n,
  fees: 0n,
  slashed: 0n,
  commits: 0,
}

/** What the account was paid for its work: for blocks, precommits, units, verdicts, replays, in bounties and in tips. */
export function earnedOf({ blocks, precommits, units, verdicts, replays, bounties, tips }: Totals): Micro {
  return blocks + precommits + units + verdicts + replays + bounties + tips
}

/** What the account must own, balance, stake and what is unbonding together, if every entry is right. */
export function netOf(totals: Totals): Micro {
  const { genesisStake, received, sent, fees, slashed } = totals
  return genesisStake + earnedOf(totals) + received - sent - fees - slashed
}

const REWARD_FIELDS = {
  'block-reward': 'blocks',
  'precommit-reward': 'precommits',
  'unit-reward': 'units',
  'verdict-reward': 'verdicts',
  'replay-reward': 'replays',
  bounty: 'bounties',
  tip: 'tips',
} as const

/** The reward or tip that an event paid to `account`. */
export function rewardOf(event: LedgerEvent, account: Address): Micro {
  return event.type in REWARD_FIELDS && 'account' in event && event.account === account && 'amount' in event
    ? event.amount
    : 0n
}

/** Accounts with something to add up in an event. */
export function accountsOf(event: LedgerEvent): Address[] {
  if (event.type === 'commit') return [event.account]
  return moneyOf(event).map(({ account }) => account)
}

/** An account's totals after one more event. */
export function addEvent(totals: Totals, event: LedgerEvent, account: Address): Totals {
  switch (event.type) {
    case 'genesis-stake':
      return event.account === account ? { ...totals, genesisStake: totals.genesisStake + event.amount } : totals
    case 'block-reward':
    case 'precommit-reward':
    case 'unit-reward':
    case 'verdict-reward':
    case 'replay-reward':
    case 'bounty': {
      const field = REWARD_FIELDS[event.type]
      return event.account === account ? { ...totals, [field]: totals[field] + event.amount } : totals
    }
    case 'transfer': {
      const sent = event.from === account ? event.amount : 0n
      const received = event.to === account ? event.amount : 0n
      return { ...totals, sent: totals.sent + sent, received: totals.received + received }
    }
    case 'tip': {
      const sent = event.from === account ? event.amount : 0n
      const tips = event.account === account ? event.amount : 0n
      return { ...totals, sent: totals.sent + sent, tips: totals.tips + tips }
    }
    case 'query-payment': {
      const sent = event.from === account ? event.amount : 0n
      const received = event.account === account ? event.amount : 0n
      return { ...totals, sent: totals.sent + sent, received: totals.received + received }
    }
    case 'fee':
      return event.account === account ? { ...totals, fees: totals.fees + event.amount } : totals
    case 'slash':
    case 'unit-slash':
    case 'verdict-slash':
      return event.account === account ? { ...totals, slashed: totals.slashed + event.amount } : totals
    case 'commit':
      return event.account === account ? { ...totals, commits: totals.commits + 1 } : totals
    default:
      return totals
  }
}
