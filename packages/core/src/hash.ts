import type { Hash } from './brand.ts'
import { toHex, utf8 } from './bytes.ts'
import { sha256Of } from './sha256.ts'

const SEPARATOR = Uint8Array.of(0)

/** 64 zero digits: the parent of the first block, the root of nothing. */
export const ZERO_HASH = '0'.repeat(64) as Hash

/** SHA-256 (FIPS 180-4) of the parts, joined: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  return sha256Of(parts)
}

/** SHA-256 as a {@link Hash}. */
export function hashOf(bytes: Uint8Array): Hash {
  return toHex(sha256Of([bytes])) as Hash
}

/**
 * `sha256(utf8(tag) ‖ 0x00 ‖ parts)`: hashes made for different purposes never collide. `tag` holds no NUL. The parts are
 * simply joined, so at most the last may vary in length; give anything else a length prefix or a fixed width.
 */
export function taggedHash(tag: string, ...parts: Uint8Array[]): Hash {
  return toHex(sha256Of([utf8(tag), SEPARATOR, ...parts])) as Hash
}

/** Whether the text is a hash as this project writes it. */
export function isHash(text: string): text is Hash {
  return /^[0-9a-f]{64}$/.test(text)
}
