import { LedgerError } from '../errors.ts'
import type { TransactionContext } from './context.ts'

/** A staker's sign of life, without which it would soon not be drawn any more. */
export interface Presence {
  readonly type: 'presence'
}

export const presenceFields = {}

export function applyPresence({ draft, sender, transaction }: TransactionContext): void {
  const { parameters, height } = draft.block
  const { stake, lastActive } = draft.account(sender)
  if (stake === 0n) throw new LedgerError('STAKE_TOO_LOW', `${sender} has nothing at stake to be present for`)
  const from = lastActive + parameters.epochBlocks
  if (from > height) {
    throw new LedgerError('TOO_EARLY', `the last sign of life of ${sender} is of block ${lastActive}: wait for ${from}`)
  }
  draft.updateAccount(sender, { lastActive: height })
  draft.events.push({ type: 'presence', transaction, account: sender })
}
