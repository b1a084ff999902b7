import { type KeyPair, type VrfProof, verifyVrf } from '@hydraai/core'
import { accountOf, isPlant, type LedgerState, mayPlant, plantAlpha } from '@hydraai/ledger'
import type { Offer } from './choice.ts'

/** A false claim that this node may seal, to find out who repeats claims instead of checking them. */
export interface Plant {
  /** The false loss after the unit, float32 bits. */
  readonly claimed: number
  readonly proof: VrfProof
}

export type MakePlant = (state: LedgerState, offer: Offer, lossAfter: number) => Plant | null

/** Where the draw's output says by how much the false loss differs: after what decides whether there is one. */
const OFFSET_AT = 4
/** Of the mantissa's lower bits: a claim that looks like any other. */
const MAX_OFFSET = 1 << 16

/** Plants where the chain's draw for this key lets it, and nowhere else. */
export function planterOf(keys: KeyPair): MakePlant {
  return (state, { model, round, unit, beacon }, lossAfter) => {
    if (!mayPlant(accountOf(state, keys.address), state.parameters)) return null
    const alpha = plantAlpha({ chainId: state.chainId, model, round, unit, beacon })
    const proof = keys.prove(alpha)
    const beta = verifyVrf(keys.publicKey, alpha, proof)
    if (beta === null || !isPlant(beta)) return null
    const offset = 1 + (new DataView(beta.buffer, beta.byteOffset).getUint32(OFFSET_AT) % MAX_OFFSET)
    // Towards zero, where every float is finite, unless that would go past it.
    const isSmall = (lossAfter & 0x7fffffff) < offset
    return { claimed: isSmall ? lossAfter + offset : lossAfter - offset, proof }
  }
}
