import { addressBytes } from './address.ts'
import type { Address, Hash } from './brand.ts'
import { fromHex } from './bytes.ts'
import { taggedHash } from './hash.ts'

/**
 * What a trainer commits to before anyone sees the payload. The address inside makes a copied commitment worthless:
 * its copier cannot reveal it as their own.
 */
export function commitmentOf(parts: { trainer: Address; payload: Hash; traceRoot: Hash }): Hash {
  return taggedHash('hydra/commitment/1', addressBytes(parts.trainer), fromHex(parts.payload), fromHex(parts.traceRoot))
}

/** What a verifier's "valid" carries: only who replayed knows the key, and nobody else's digest can be copied. */
export function verdictDigest(parts: { verifier: Address; replayKey: Hash }): Hash {
  return taggedHash('hydra/verdict/1', addressBytes(parts.verifier), fromHex(parts.replayKey))
}

/** What the trainer shows of the replay key at commit time, so that settling can prove it was that key. */
export function replayKeyHashOf(replayKey: Hash): Hash {
  return taggedHash('hydra/replay-key/1', fromHex(replayKey))
}
