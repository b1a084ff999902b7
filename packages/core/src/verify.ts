import { sha256 } from '@noble/hashes/sha2.js'
import type { PublicKey, Signature, VrfProof } from './brand.ts'
import { fromHex, utf8 } from './bytes.ts'
import { sodium } from './sodium.ts'
import { checkVrf } from './vrf.ts'

/** Answers that are remembered; the oldest goes first. About 10 MiB. */
const MAX_REMEMBERED = 65_536

/**
 * What was found of a signature or proof. To verify is a pure function, so an answer may be remembered for ever; it is
 * worth it because a node meets one signature several times: as a vote, in the commit, in the next block's copy of it.
 */
const memo = new Map<string, boolean | Uint8Array | null>()

/** Forgets all answers, so that a benchmark measures the work itself. */
export function clearSignatureMemo(): void {
  memo.clear()
}

/** `kind`, `publicKey` and `proof` have fixed lengths, so different questions never share a key but by collision. */
function keyOf(kind: 's' | 'v', publicKey: string, proof: string, message: Uint8Array): string {
  const digest = sha256
    .create()
    .update(utf8(`${kind}${publicKey}${proof}`))
    .update(message)
    .digest()
  return String.fromCharCode(...digest)
}

function remember<T extends boolean | Uint8Array | null>(key: string, answer: T): T {
  if (memo.size >= MAX_REMEMBERED) memo.delete(memo.keys().next().value!)
  memo.set(key, answer)
  return answer
}

/**
 * Whether the signature is valid by libsodium's rule, which refuses non-canonical S, non-canonical and small-order
 * keys. The rule is part of consensus, so every platform runs this one implementation. Never throws.
 */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Signature): boolean {
  if (publicKey.length !== 64 || signature.length !== 128) return false
  const key = keyOf('s', publicKey, signature, message)
  const known = memo.get(key)
  if (typeof known === 'boolean') return known
  try {
    return remember(key, sodium.crypto_sign_verify_detached(fromHex(signature), message, fromHex(publicKey)))
  } catch {
    return remember(key, false)
  }
}

/**
 * The output of the key for the input that the proof proves, 64 bytes beta, uniform to whoever lacks the key; null when
 * the proof is not valid. One key and input have one output, whatever the owner does. Never throws.
 */
export function verifyVrf(publicKey: PublicKey, alpha: Uint8Array, proof: VrfProof): Uint8Array | null {
  if (publicKey.length !== 64 || proof.length !== 160) return null
  const key = keyOf('v', publicKey, proof, alpha)
  let beta = memo.get(key)
  if (beta === undefined) beta = remember(key, checkVrf(publicKey, alpha, proof))
  return beta instanceof Uint8Array ? beta.slice() : null
}
