import { concatBytes } from './bytes.ts'
import { sodium } from './sodium.ts'

/** What is copied into the library's memory at once: a long input makes that memory no larger than this. */
const PIECE_BYTES = 65_536

/** SHA-256 (FIPS 180-4) of the parts, joined: 32 bytes. */
export function sha256Of(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > PIECE_BYTES) return inPieces(parts)
  return sodium.crypto_hash_sha256(parts.length === 1 ? parts[0]! : concatBytes(...parts))
}

function inPieces(parts: readonly Uint8Array[]): Uint8Array {
  const state = sodium.crypto_hash_sha256_init()
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE_BYTES)
      sodium.crypto_hash_sha256_update(state, part.subarray(at, at + PIECE_BYTES))
  }
  return sodium.crypto_hash_sha256_final(state)
}
