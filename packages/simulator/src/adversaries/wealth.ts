import type { Address, Micro } from '@hydraai/core'
import { accountOf, type LedgerState } from '@hydraai/ledger'

/** All that an account has: its balance, what it has at stake and what comes back to it. */
export function wealthOf(state: LedgerState, address: Address): Micro {
  const { balance, stake } = accountOf(state, address)
  let wealth = balance + stake
  for (const { account, amount } of state.unbondings.values()) if (account === address) wealth += amount
  return wealth
}
