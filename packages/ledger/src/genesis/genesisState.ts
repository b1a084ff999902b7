import { type Address, addressOf, fromHex, ZERO_HASH } from '@hydraai/core'
import { nextBeacon } from '../committee/beacon.ts'
import { chooseMembers } from '../committee/draw.ts'
import { powerOf } from '../committee/power.ts'
import type { LedgerEvent } from '../events.ts'
import { FULL_REWARD_PPM } from '../models/reward.ts'
import { newRound } from '../rounds/round.ts'
import { emptyAccount } from '../state/account.ts'
import { compareKeys, withWrites } from '../state/sortedTable.ts'
import type { Account, LedgerState, Model } from '../state/types.ts'
import { checkGenesis, type Genesis, genesisHash } from './genesis.ts'

/** A founder is trusted half way from the start; everyone else begins at 0 and earns it by verified work. */
export const FOUNDER_REPUTATION = 50

/** The state before the first block; round 1 of every model is open. @throws LedgerError GENESIS_INVALID */
export function genesisState(genesis: Genesis): LedgerState {
  checkGenesis(genesis)
  const { parameters } = genesis
  const hash = genesisHash(genesis)
  const beacon = nextBeacon(ZERO_HASH, fromHex(hash))
  const accounts = new Map<Address, Account>()
  let minted = 0n
  for (const { name, publicKey, stake } of genesis.validators) {
    minted += stake
    const founder = {
      ...emptyAccount,
      publicKey,
      name,
      stake,
      feeCredit: parameters.feeCredit,
      reputation: FOUNDER_REPUTATION,
      registered: true,
    }
    accounts.set(addressOf(publicKey), { ...founder, drawPower: powerOf(founder, parameters) })
  }
  const models = new Map<string, Model>(
    genesis.models.map(model => [model.id, { ...model, owner: null, registeredAt: 0, rewardPpm: FULL_REWARD_PPM }]),
  )
  const founders = [...accounts.keys()].sort(compareKeys)
  const opening = { number: 1, height: 0, beacon, parameters, expected: founders }
  const rounds = new Map(
    [...models.values()].map(({ id, parameters: base }) => [id, newRound({ model: id, base, ...opening })]),
  )
  const candidates = founders.map(address => {
    const { publicKey, drawPower } = accounts.get(address)!
    return { address, publicKey: publicKey!, power: drawPower, chance: drawPower, rests: false }
  })
  return {
    chainId: genesis.chainId,
    genesis: hash,
    parameters,
    founders,
    height: 0,
    time: genesis.time,
    blockHash: hash,
    beacon,
    proposer: null,
    committee: chooseMembers(candidates, parameters.committeeSize, beacon),
    totalDrawPower: candidates.reduce((sum, { chance }) => sum + BigInt(chance), 0n),
    lastCommittee: [],
    history: [],
    minted,
    burnt: 0n,
    accounts: withWrites(new Map(), accounts),
    models: withWrites(new Map(), models),
    rounds: withWrites(new Map(), rounds),
    settling: new Map(),
    residuals: new Map(),
    disputes: new Map(),
    unbondings: new Map(),
  }
}

/** What the genesis itself gave, as events, so that an account's history adds up from its first line. */
export function genesisEvents(genesis: Genesis): LedgerEvent[] {
  return genesis.validators.map(({ publicKey, name, stake }) => ({
    type: 'genesis-stake',
    account: addressOf(publicKey),
    name,
    amount: stake,
  }))
}
