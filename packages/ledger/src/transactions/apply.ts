import { addressOf, type PublicKey, ZERO_HASH } from '@hydraai/core'
import { payTip } from '../economics/tip.ts'
import { LedgerError } from '../errors.ts'
import { accountOf } from '../state/account.ts'
import { type BlockContext, Draft } from '../state/draft.ts'
import { appendHash } from '../state/history.ts'
import type { LedgerState } from '../state/types.ts'
import { type Action, applyAction } from './action.ts'
import {
  hasValidSignature,
  maxBytesFor,
  type SignedTransaction,
  senderOf,
  transactionBytes,
  transactionId,
} from './transaction.ts'

/** Applies a transaction to the draft, wholly or not at all. @throws LedgerError and other HydraErrors */
export function applyTransaction(draft: Draft, transaction: SignedTransaction): void {
  checkEnvelope(draft.block.chainId, transaction)
  const sender = senderOf(transaction)
  const account = draft.account(sender)
  checkNonce(transaction, account.nonce, 0)
  draft.attempt(inner => {
    inner.updateAccount(sender, { publicKey: transaction.sender, nonce: account.nonce + 1 })
    const id = transactionId(transaction)
    payTip(inner, sender, transaction.tip, id)
    const context = { draft: inner, sender, publicKey: transaction.sender, transaction: id }
    applyAction(context, transaction.action)
  })
}

/**
 * Whether a transaction may wait for the next block: what a mempool asks. One with the account's next nonce is tried out
 * in full. With `nonceAhead`, an account that the chain knows may send up to that many more before the first is in a
 * block; those can only be checked on the outside. Changes nothing.
 * @throws LedgerError, or another HydraError, saying why it is refused
 */
export function checkTransaction(
  state: LedgerState,
  transaction: SignedTransaction,
  options: { nonceAhead?: number } = {},
): void {
  checkEnvelope(state.chainId, transaction)
  const sender = senderOf(transaction)
  const known = state.accounts.has(sender)
  const { nonce } = accountOf(state, sender)
  checkNonce(transaction, nonce, known ? (options.nonceAhead ?? 0) : 0)
  if (transaction.nonce === nonce) {
    applyTransaction(Draft.over(state, tryingContext(state)), transaction)
  }
}

/**
 * Whether an action would apply if its sender sent it now, whatever else of theirs still waits: what can be told before
 * anything is signed. Changes nothing. @throws LedgerError, or another HydraError, saying why it is refused
 */
export function checkAction(state: LedgerState, sender: PublicKey, action: Action): void {
  const draft = Draft.over(state, tryingContext(state))
  applyAction({ draft, sender: addressOf(sender), publicKey: sender, transaction: ZERO_HASH }, action)
}

/** The next block as far as it is known. Nothing that an action is checked for depends on its beacon or its proposer. */
function tryingContext(state: LedgerState): BlockContext {
  const { chainId, parameters, founders, height, time, beacon, history, blockHash } = state
  const known = { chainId, parameters, founders, time, beacon }
  return { ...known, height: height + 1, proposer: null, history: appendHash(history, height, blockHash) }
}

/** What can be told from the transaction alone, the cheap checks first. */
function checkEnvelope(chainId: string, transaction: SignedTransaction): void {
  if (transaction.chainId !== chainId) {
    throw new LedgerError('CHAIN_MISMATCH', `the transaction is for another chain than ${chainId}`)
  }
  const { length } = transactionBytes(transaction)
  const limit = maxBytesFor(transaction.action)
  if (length > limit)
    throw new LedgerError('TRANSACTION_INVALID', `a transaction of ${length} bytes is longer than ${limit}`)
  if (!hasValidSignature(transaction)) {
    throw new LedgerError('SIGNATURE_INVALID', 'the signature of the transaction is not of its sender')
  }
}

function checkNonce(transaction: SignedTransaction, expected: number, ahead: number): void {
  const { nonce } = transaction
  if (nonce < expected) throw new LedgerError('NONCE_USED', `the nonce ${nonce} was used; the next is ${expected}`)
  if (nonce > expected + ahead) {
    throw new LedgerError('NONCE_AHEAD', `the nonce ${nonce} is too far ahead; the next is ${expected}`)
  }
}
