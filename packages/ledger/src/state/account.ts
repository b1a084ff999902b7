import type { Address } from '@hydraai/core'
import type { Account, LedgerState } from './types.ts'

/** What an address has that the chain has never heard of. */
export const emptyAccount: Account = {
  publicKey: null,
  name: '',
  nonce: 0,
  balance: 0n,
  stake: 0n,
  feeCredit: 0n,
  reputation: 0,
  registered: false,
  lastActive: 0,
  slashed: false,
  drawPower: 0,
  restsUntil: 0,
  unitsVerified: 0,
  verdictsGiven: 0,
  lastWorked: 0,
}

/** The account of an address; all zero if the chain does not know it. */
export function accountOf(state: LedgerState, address: Address): Account {
  return state.accounts.get(address) ?? emptyAccount
}
