import type { Address, Hash, PublicKey } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'

/** What a rule gets besides its action. The signature, the chain and the nonce have been checked. */
export interface TransactionContext {
  readonly draft: Draft
  readonly sender: Address
  readonly publicKey: PublicKey
  /** Id of the transaction. */
  readonly transaction: Hash
}
