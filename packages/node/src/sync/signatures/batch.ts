import { concatBytes, fromHex, type PublicKey, type Signature, toHex, u32be, verifySignature } from '@hydraai/core'
import type { SignatureClaim } from './checker.ts'

// Claims as one piece of memory, which moves between threads without being copied.

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const HEAD_BYTES = KEY_BYTES + SIGNATURE_BYTES + 4

/** For each claim: public key ‖ signature ‖ u32be(length of message) ‖ message. */
export function packClaims(claims: readonly SignatureClaim[]): Uint8Array<ArrayBuffer> {
  const parts = claims.flatMap(({ publicKey, message, signature }) => [
    fromHex(publicKey),
    fromHex(signature),
    u32be(message.length),
    message,
  ])
  return new Uint8Array(concatBytes(...parts))
}

/** One byte for each claim: 1 for a valid signature. */
export function checkPacked(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const answers: number[] = []
  const view = new DataView(packed.buffer, packed.byteOffset)
  for (let at = 0; at < packed.length; ) {
    const publicKey = toHex(packed.subarray(at, at + KEY_BYTES)) as PublicKey
    const signature = toHex(packed.subarray(at + KEY_BYTES, at + KEY_BYTES + SIGNATURE_BYTES)) as Signature
    const length = view.getUint32(at + HEAD_BYTES - 4)
    const message = packed.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length)
    answers.push(verifySignature(publicKey, message, signature) ? 1 : 0)
    at += HEAD_BYTES + length
  }
  return Uint8Array.from(answers)
}
