import { parseAmount } from '@hydraai/core'
import type { Api, Json } from './api.ts'
import { eventually } from './eventually.ts'

/** Micro-HYDRA of an amount of the API, which may be negative. */
export function microOf(amount: string): bigint {
  return amount.startsWith('-') ? -parseAmount(amount.slice(1)) : parseAmount(amount)
}

/** New money. */
const MINTED = ['unit-reward', 'verdict-reward', 'replay-reward', 'block-reward', 'precommit-reward']
/** What an account is paid for its work; a bounty comes out of what somebody lost, a tip from who sent a transaction. */
const REWARDS = new Set([...MINTED, 'bounty', 'tip'])
const MINTS = new Set(MINTED)
const BURNS = new Set(['fee', 'slash'])
/** Of what is lost to them a part is somebody's bounty, and the rest is burnt. */
const PENALTIES = new Set(['unit-slash', 'verdict-slash'])
const BOUNTIES = new Set(['bounty'])
const PAGE = 1_000

/** An account with every entry since genesis, all as of one block. */
export async function statementOf(api: Api, address: string): Promise<{ account: Json; entries: Json[] }> {
  return eventually('an account and all its entries within one block', 30_000, async () => {
    const account = await api.get(`/api/accounts/${address}?limit=${PAGE}`)
    const entries = [...account.entries]
    for (let before = account.entriesBefore; before !== null; ) {
      const older = await api.get(`/api/accounts/${address}?limit=${PAGE}&before=${before}`)
      entries.push(...older.entries)
      before = older.entriesBefore
    }
    return account.complete && { account, entries }
  })
}

export function earnedIn(entries: readonly Json[]): bigint {
  return amountsOf(entries, REWARDS)
}

/**
 * What there was after each height up to `top`, worked out from what the blocks say they did: the founders' stakes, and
 * everything minted less everything burnt since.
 */
export async function supplyByHeight(api: Api, founders: bigint, top: number): Promise<bigint[]> {
  const supplies = [founders]
  for (let height = 1; height <= top; height++) {
    const { events } = await api.block(height)
    const burnt = amountsOf(events, BURNS) + amountsOf(events, PENALTIES) - amountsOf(events, BOUNTIES)
    supplies.push(supplies.at(-1)! + amountsOf(events, MINTS) - burnt)
  }
  return supplies
}

function amountsOf(events: readonly Json[], types: ReadonlySet<string>): bigint {
  return sum(events.filter(({ type }) => types.has(type)).map(({ amount }) => microOf(amount)))
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
