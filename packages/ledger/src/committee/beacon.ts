import { concatBytes, fromHex, type Hash, signBytes, taggedHash, u64be } from '@hydraai/core'
import type { LedgerState } from '../state/types.ts'

/**
 * What the proposer of the next block proves (RFC 9381): chain, height and the beacon before. Its key has exactly one
 * output for these bytes, so it can show the output or keep its block back, but never choose.
 */
export function beaconAlpha(state: Pick<LedgerState, 'chainId' | 'height' | 'beacon'>): Uint8Array {
  return signBytes(state.chainId, 'beacon', concatBytes(u64be(state.height + 1), fromHex(state.beacon)))
}

/** The beacon of a block: `beta` is its proposer's output (64 bytes), or the genesis hash for the beacon of genesis. */
export function nextBeacon(previous: Hash, beta: Uint8Array): Hash {
  return taggedHash('hydra/beacon/2', fromHex(previous), beta)
}
