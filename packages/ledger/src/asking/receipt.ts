import {
  type Address,
  address,
  type Codec,
  encode,
  type Hash,
  hash,
  type KeyPair,
  type PublicKey,
  type Signature,
  signBytes,
  struct,
  text,
  uint,
  uintMax,
  verifySignature,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'
import { MAX_ANSWER_TOKENS } from './request.ts'

/**
 * What a server signs when it has answered: which version of which model said what to whom. It is what the asker pays
 * for, and what proves a lie, since anyone can run the answer again.
 */
export interface Receipt {
  readonly chainId: string
  readonly model: string
  readonly version: number
  /** Content id of the parameters that answered. */
  readonly parameters: Hash
  readonly asker: Address
  readonly server: Address
  /** requestHash of the question. */
  readonly request: Hash
  /** answerHash of the answer. */
  readonly answer: Hash
  readonly tokens: number
}

export const receiptCodec: Codec<Receipt> = struct({
  chainId: text({ maxBytes: 14 }),
  model: modelIdField,
  version: uint,
  parameters: hash,
  asker: address,
  server: address,
  request: hash,
  answer: hash,
  tokens: uintMax(MAX_ANSWER_TOKENS),
})

/** What the server's signature is over. @throws HydraError CODEC_INVALID */
export function receiptBytes(receipt: Receipt): Uint8Array {
  return signBytes(receipt.chainId, 'receipt', encode(receiptCodec, receipt))
}

/** Signs for the server whose keys they are. @throws HydraError CODEC_INVALID, KEY_WIPED */
export function signReceipt(keys: KeyPair, receipt: Receipt): Signature {
  return keys.sign(receiptBytes(receipt))
}

/** Whether the holder of `server`, the public key of the receipt's server, signed it. @throws HydraError CODEC_INVALID */
export function hasValidReceipt(receipt: Receipt, signature: Signature, server: PublicKey): boolean {
  return verifySignature(server, receiptBytes(receipt), signature)
}
