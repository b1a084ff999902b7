import { type Address, formatAmount } from '@hydraai/core'
import { accountOf, genesisEvents, type LedgerEvent, moneyOf } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { BlockReader } from '../history/blocks.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import { earnedOf } from '../history/totals.ts'
import type { AccountAnswer } from '../http/schemas.ts'
import { transactionOf } from './events.ts'
import { entryText } from './words.ts'

type Entry = AccountAnswer['entries'][number]

/**
 * An account as of one block, with its statement. All of it belongs to the same height, so that it adds up: over all
 * pages the entries are balance + stake.
 */
export async function accountAnswer(
  address: Address,
  page: { before?: number | undefined; limit: number },
  parts: { node: HydraNode; index: LedgerIndex; blocks: BlockReader },
): Promise<AccountAnswer> {
  const { node, index, blocks } = parts
  const { height, state, totals, heights } = await index.account(address, page)
  const account = accountOf(state ?? node.state, address)
  const entries = (await Promise.all(heights.map(at => entriesAt(at, address, { node, blocks })))).flat()
  const { commits: _, ...amounts } = totals
  const oldest = heights.at(-1)
  return {
    address,
    name: account.name,
    balance: formatAmount(account.balance),
    stake: formatAmount(account.stake),
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
      blocks: formatAmount(amounts.blocks),
      precommits: formatAmount(amounts.precommits),
      received: formatAmount(amounts.received),
      sent: formatAmount(amounts.sent),
      fees: formatAmount(amounts.fees),
      slashed: formatAmount(amounts.slashed),
    },
    height: Math.max(0, height),
    complete: state !== null,
    entries,
    entriesBefore: oldest !== undefined && heights.length === page.limit ? oldest : null,
  }
}

/** Newest first within the block, like the blocks themselves. */
async function entriesAt(
  height: number,
  address: Address,
  { node, blocks }: { node: HydraNode; blocks: BlockReader },
): Promise<Entry[]> {
  const { genesis } = node.chain
  const found =
    height === 0
      ? { time: genesis.time, events: genesisEvents(genesis) }
      : await blocks.at(height).then(stored => stored && { time: stored.block.header.time, events: stored.events })
  if (!found) return []
  return found.events.flatMap(event => entriesOf(event, height, found.time, address, node)).reverse()
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
