import { type Address, formatAmount } from '@hydraai/core'
import { accountOf, genesisEvents, type LedgerEvent, moneyOf } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { BlockReader } from '../history/blocks.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import { earnedOf, netOf } from '../history/totals.ts'
import type { AccountAnswer } from '../http/schemas.ts'
import { transactionOf } from './events.ts'
import { unbondingOf } from './unbonding.ts'
import { entryText, signedAmount } from './words.ts'

type Entry = AccountAnswer['entries'][number]

/** A page ends with the block that fills it. */
const MAX_ENTRIES = 2_000

/**
 * An account as of one block, with its statement. All of it belongs to the same height, so that it adds up: over all
 * pages the entries are balance + stake + what is unbonding, where no block was left out or pruned.
 */
export async function accountAnswer(
  address: Address,
  page: { before?: number | undefined; limit: number },
  parts: { node: HydraNode; index: LedgerIndex; blocks: BlockReader },
): Promise<AccountAnswer> {
  const { node, index, blocks } = parts
  const { height, since, state, totals, heights } = await index.account(address, page)
  const shown = state ?? node.state
  const account = accountOf(shown, address)
  const unbonding = unbondingOf(node, shown, address)
  const bound = unbonding.reduce((sum, { amount }) => sum + amount, 0n)
  // What it owned before the first block that this node knows of.
  const opening = since > 0 && state ? account.balance + account.stake + bound - netOf(totals) : 0n
  const { entries, entriesBefore } = await statement(address, heights, page.limit, { node, blocks })
  const { commits: _, ...amounts } = totals
  return {
    address,
    name: account.name,
    balance: formatAmount(account.balance),
    stake: formatAmount(account.stake),
    unbonding: unbonding.map(({ amount, releaseAt, releaseTime }) => ({
      amount: formatAmount(amount),
      releaseAt,
      releaseTime,
    })),
    restsUntil: account.restsUntil,
    slashed: account.slashed,
    votes: shown.committee.some(member => member.address === address),
    feeCredit: formatAmount(account.feeCredit),
    nonce: account.nonce,
    reputation: account.reputation,
    registered: account.registered,
    unitsVerified: account.unitsVerified,
    verdictsGiven: account.verdictsGiven,
    earned: formatAmount(earnedOf(totals)),
    totals: {
      genesisStake: formatAmount(amounts.genesisStake),
      units: formatAmount(amounts.units),
      verdicts: formatAmount(amounts.verdicts),
      replays: formatAmount(amounts.replays),
      bounties: formatAmount(amounts.bounties),
      blocks: formatAmount(amounts.blocks),
      precommits: formatAmount(amounts.precommits),
      received: formatAmount(amounts.received),
      sent: formatAmount(amounts.sent),
      fees: formatAmount(amounts.fees),
      tips: formatAmount(amounts.tips),
      slashed: formatAmount(amounts.slashed),
      opening: signedAmount(opening),
    },
    since,
    lowest: node.chain.lowest,
    height: Math.max(0, height),
    complete: state !== null,
    entries,
    entriesBefore,
  }
}

/** The entries of `heights`, whole blocks only, and where to go on: a page is bounded by blocks and by entries. */
async function statement(
  address: Address,
  heights: readonly number[],
  limit: number,
  { node, blocks }: { node: HydraNode; blocks: BlockReader },
): Promise<Pick<AccountAnswer, 'entries' | 'entriesBefore'>> {
  const entries: Entry[] = []
  for (const height of heights) {
    entries.push(...(await entriesAt(height, address, { node, blocks })))
    if (entries.length >= MAX_ENTRIES && height > 0) return { entries, entriesBefore: height }
  }
  const oldest = heights.at(-1)
  return { entries, entriesBefore: oldest !== undefined && heights.length === limit ? oldest : null }
}

/** Newest first within the block, like the blocks themselves. */
async function entriesAt(
  height: number,
  address: Address,
  { node, blocks }: { node: HydraNode; blocks: BlockReader },
): Promise<Entry[]> {
  const { genesis } = node.chain
  if (height === 0) {
    const events = genesisEvents(genesis)
    return events.flatMap(event => entriesOf(event, 0, genesis.time, address, node))
  }
  const stored = await blocks.at(height)
  const { time } = stored?.block.header ?? { time: 0 }
  return stored ? stored.events.flatMap(event => entriesOf(event, height, time, address, node)).reverse() : []
}

function entriesOf(event: LedgerEvent, height: number, time: number, address: Address, node: HydraNode): Entry[] {
  return moneyOf(event)
    .filter(entry => entry.account === address && entry.amount !== 0n)
    .map(({ amount }) => ({
      height,
      time,
      type: event.type,
      amount: formatAmount(amount),
      transaction: transactionOf(event),
      text: entryText(event, address, who => node.nameOf(who)),
    }))
}
