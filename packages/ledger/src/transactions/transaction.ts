import {
  type Address,
  addressOf,
  type Codec,
  encode,
  type Hash,
  type KeyPair,
  type Micro,
  micro,
  type PublicKey,
  publicKey,
  type Signature,
  signature,
  signBytes,
  struct,
  taggedHash,
  text,
  uint,
  verifySignature,
} from '@hydraai/core'
import { MAX_DOCUMENT_BYTES } from '../models/limits.ts'
import { type Action, actionCodec } from './action.ts'

/** What is signed. */
export interface Transaction {
  readonly chainId: string
  readonly sender: PublicKey
  /** The sender's count of transactions before this one. */
  readonly nonce: number
  /** Paid by the sender to whoever proposes the block that takes the transaction. */
  readonly tip: Micro
  readonly action: Action
}

/** Never changed once made: what is known of one (its bytes, that its signature is good) is remembered by identity. */
export interface SignedTransaction extends Transaction {
  readonly signature: Signature
}

/** What carries no model's document, no keys and no false block's headers and signatures is not longer. */
const MAX_PLAIN_BYTES = 2048
/** Keys of 64 segments, then 32 states and two proofs. */
const MAX_FINDINGS_BYTES = 8192
const MAX_PUBLISH_BYTES = MAX_PLAIN_BYTES + MAX_DOCUMENT_BYTES
/** Two headers with all models that a chain can have (7 KB each), 64 precommits (8 KB) and a proof. */
const MAX_ATTACK_BYTES = 32_768
/** No transaction at all is longer. */
export const MAX_TRANSACTION_BYTES = Math.max(MAX_PUBLISH_BYTES, MAX_ATTACK_BYTES)

/** How long a transaction with this action may be. */
export function maxBytesFor(action: Action): number {
  if (action.type === 'publish') return MAX_PUBLISH_BYTES
  if (action.type === 'open' || action.type === 'disclose') return MAX_FINDINGS_BYTES
  return action.type === 'evidence' && action.evidence.type === 'light-client-attack'
    ? MAX_ATTACK_BYTES
    : MAX_PLAIN_BYTES
}

const fields = { chainId: text({ maxBytes: 14 }), sender: publicKey, nonce: uint, tip: micro, action: actionCodec }
const transactionCodec: Codec<Transaction> = struct(fields)
export const signedTransactionCodec: Codec<SignedTransaction> = struct({ ...fields, signature })

/** Signs for the account of `keys`. */
export function signTransaction(
  keys: KeyPair,
  parts: { chainId: string; nonce: number; tip?: Micro; action: Action },
): SignedTransaction {
  const { chainId, nonce, tip = 0n, action } = parts
  const transaction: Transaction = { chainId, sender: keys.publicKey, nonce, tip, action }
  return { ...transaction, signature: keys.sign(signedBytes(transaction)) }
}

interface Known {
  readonly bytes: Uint8Array
  readonly id: Hash
  readonly sender: Address
  signatureValid: boolean | undefined
}

const known = new WeakMap<SignedTransaction, Known>()

function knownOf(transaction: SignedTransaction): Known {
  let entry = known.get(transaction)
  if (entry === undefined) {
    const bytes = encode(signedTransactionCodec, transaction)
    const id = taggedHash('hydra/transaction/1', bytes)
    entry = { bytes, id, sender: addressOf(transaction.sender), signatureValid: undefined }
    known.set(transaction, entry)
  }
  return entry
}

/** The name of a transaction, signature included. @throws HydraError CODEC_INVALID if it has no encoding */
export function transactionId(transaction: SignedTransaction): Hash {
  return knownOf(transaction).id
}

/** Its encoding. The bytes are shared: do not write to them. */
export function transactionBytes(transaction: SignedTransaction): Uint8Array {
  return knownOf(transaction).bytes
}

/** The account that sent it. */
export function senderOf(transaction: SignedTransaction): Address {
  return knownOf(transaction).sender
}

/** Whether its sender signed it. */
export function hasValidSignature(transaction: SignedTransaction): boolean {
  const entry = knownOf(transaction)
  if (entry.signatureValid === undefined) {
    const { publicKey, message, signature } = signatureClaim(transaction)
    entry.signatureValid = verifySignature(publicKey, message, signature)
  }
  return entry.signatureValid
}

/** What `verifySignature` is asked of a transaction: for whoever has it answered elsewhere, in another thread say. */
export function signatureClaim(transaction: SignedTransaction): {
  readonly publicKey: PublicKey
  readonly message: Uint8Array
  readonly signature: Signature
} {
  const { sender, chainId, signature } = transaction
  const message = signBytes(chainId, 'transaction', unsignedBytes(knownOf(transaction).bytes))
  return { publicKey: sender, message, signature }
}

/** Remembers the answer to {@link signatureClaim}, which then is not sought again. The caller vouches for it. */
export function noteSignature(transaction: SignedTransaction, valid: boolean): void {
  knownOf(transaction).signatureValid = valid
}

/** `signature` (a name of 9 bytes, then 64 bytes) comes last in dag-cbor's order of keys, which is by length. */
const SIGNATURE_FIELD_BYTES = 10 + 66

/** The encoding of a transaction without its signature, from the one with it: a map of one field less. */
function unsignedBytes(bytes: Uint8Array): Uint8Array {
  // A Buffer, which the encoder gives in Node, does not copy when sliced.
  const unsigned = new Uint8Array(bytes.subarray(0, bytes.length - SIGNATURE_FIELD_BYTES))
  unsigned[0]!--
  return unsigned
}

function signedBytes(transaction: Transaction): Uint8Array {
  return signBytes(transaction.chainId, 'transaction', encode(transactionCodec, transaction))
}
