/**
 * What shows that a unit was done: a Merkle tree over parameter hashes along the way, and a key that comes out of a
 * replay only. The trainer commits to the hash of the key and publishes the key when the verdicts are in; a verifier's
 * digest must contain it.
 */
import { float32Bits, fromHex, type Hash, merkleRoot, taggedHash, u32be } from '@hydraai/core'
import { parametersToBytes } from '@hydraai/engine'

/** A leaf of the trace: the parameters after `step` steps. Throws NON_FINITE. */
export function traceLeaf(step: number, parameters: Float32Array): Hash {
  return taggedHash('hydra/trace/1', u32be(step), parametersToBytes(parameters))
}

/** The root over a unit's leaves, RFC 6962. */
export function traceRootOf(leaves: readonly Hash[]): Hash {
  return merkleRoot(leaves.map(leaf => fromHex(leaf)))
}

/** `losses` holds one float32 value a step. Neither they nor the leaves are ever sent, only their root. */
export function replayKeyOf(losses: readonly number[], leaves: readonly Hash[]): Hash {
  return taggedHash(
    'hydra/replay/1',
    u32be(losses.length),
    ...losses.map(loss => u32be(float32Bits(loss))),
    ...leaves.map(leaf => fromHex(leaf)),
  )
}
