import { encode, type Hash } from '@hydraai/core'
import { type Block, beaconAlpha, blockCodec, blockHash, buildBlock } from '@hydraai/ledger'
import type { ActorHost } from '../actor.ts'

export interface MadeBlock {
  readonly valueId: Hash
  readonly bytes: Uint8Array
  readonly block: Block
}

/**
 * A block that is as valid as the one the node would propose and yet another one: made `delayMs` later, with `block`'s
 * contents or none. Null when the node's chain is not where it would follow, or the block does not come out.
 */
export function otherBlock(host: ActorHost, height: number, delayMs: number, block?: Block): MadeBlock | null {
  const { state, tip } = host.node.chain
  if (state.height !== height - 1) return null
  try {
    const { block: made } = buildBlock(state, {
      proposer: host.keys.address,
      time: Math.max(block?.header.time ?? host.clock.now(), state.time + 1) + delayMs,
      transactions: block?.transactions ?? [],
      results: block?.results ?? host.node.results.ready(state),
      lastCommit: tip.commit,
      beaconProof: block?.header.beaconProof ?? host.keys.prove(beaconAlpha(state)),
    })
    return sealed(made)
  } catch {
    return null
  }
}

/** The block as its proposer would send it. */
export function sealed(block: Block): MadeBlock {
  return { block, valueId: blockHash(block.header), bytes: encode(blockCodec, block) }
}
