/** What is named on the chain before it may be seen: an update, the losses and keys of its trainer, a verifier's findings. */
import { addressBytes } from './address.ts'
import type { Address, Hash } from './brand.ts'
import { fromHex, u32be } from './bytes.ts'
import { encode } from './codec/codec.ts'
import { type Findings, findingsCodec } from './findings.ts'
import { taggedHash, ZERO_HASH } from './hash.ts'
import { merkleRoot } from './merkle.ts'

/**
 * What a trainer commits to before anyone sees the payload. The address inside makes a copied commitment worthless:
 * its copier cannot reveal it as their own. `residual`: what the compression left over, null where none is kept.
 */
export function commitmentOf(parts: { trainer: Address; payload: Hash; traceRoot: Hash; residual: Hash | null }): Hash {
  const { trainer, payload, traceRoot, residual } = parts
  return taggedHash(
    'hydra/commitment/2',
    addressBytes(trainer),
    fromHex(payload),
    fromHex(traceRoot),
    fromHex(residual ?? ZERO_HASH),
  )
}

/**
 * What a trainer claims of an update and does not show until the verdicts are in: the bits of both losses, and the root over
 * its {@link segmentKeysRoot}. The keys, which only training gives, keep anyone from guessing the losses one by one.
 */
export function sealOf(parts: { lossBefore: number; lossAfter: number; keysRoot: Hash }): Hash {
  return taggedHash('hydra/seal/1', u32be(parts.lossBefore), u32be(parts.lossAfter), fromHex(parts.keysRoot))
}

/** RFC 6962 root over the keys of a unit's segments, in their order. */
export function segmentKeysRoot(keys: readonly Hash[]): Hash {
  return merkleRoot(keys.map(key => fromHex(key)))
}

/**
 * What a verifier shows of its findings until all of them are opened. The address makes a copied digest worthless, the salt
 * keeps anyone from trying out what it may stand for. @throws HydraError CODEC_INVALID for findings that cannot be
 */
export function verdictDigest(parts: { verifier: Address; salt: Hash; findings: Findings }): Hash {
  const { verifier, salt, findings } = parts
  return taggedHash('hydra/verdict/2', addressBytes(verifier), fromHex(salt), encode(findingsCodec, findings))
}
