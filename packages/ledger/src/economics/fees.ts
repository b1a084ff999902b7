import type { Micro } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { smaller } from './money.ts'

/** Who pays an update's fee: the credit first, then the balance. @throws LedgerError FEE_UNPAID */
export function splitFee(
  account: { readonly feeCredit: Micro; readonly balance: Micro },
  fee: Micro,
): { fromCredit: Micro; fromBalance: Micro } {
  const fromCredit = smaller(account.feeCredit, fee)
  const fromBalance = fee - fromCredit
  if (fromBalance > account.balance) {
    throw new LedgerError('FEE_UNPAID', 'neither the fee credit nor the balance pays for this update')
  }
  return { fromCredit, fromBalance }
}
