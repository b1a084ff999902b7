import {
  encode,
  type Hash,
  hash,
  type PublicKey,
  signBytes,
  struct,
  uint,
  type VrfProof,
  verifyVrf,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'
import type { ChainParameters } from '../genesis/parameters.ts'
import type { Account } from '../state/types.ts'

/** One unit in sixteen: the first four bytes of the VRF's output, big-endian, are below this. */
const PLANT_BELOW = 1 << 28

/** A unit, for the draw of whether it may seal a false loss. */
export interface PlantPlace {
  readonly chainId: string
  readonly model: string
  readonly round: number
  readonly unit: number
  /** The round's, from when it opened. */
  readonly beacon: Hash
}

const placeCodec = struct({ model: modelIdField, round: uint, unit: uint, beacon: hash })

/** What a trainer's VRF is asked: only the trainer knows, before it shows the proof, which of its units are plants. */
export function plantAlpha(place: PlantPlace): Uint8Array {
  return signBytes(place.chainId, 'plant', encode(placeCodec, place))
}

/** Whether the VRF's output (64 bytes) draws the unit. */
export function isPlant(beta: Uint8Array): boolean {
  return new DataView(beta.buffer, beta.byteOffset).getUint32(0) < PLANT_BELOW
}

/** Whether a trainer could plant if a unit of its were drawn. */
export function mayPlant({ registered, slashed, stake }: Account, { minimumStake }: ChainParameters): boolean {
  return registered && !slashed && stake >= minimumStake
}

/** Whether a trainer may have sealed a false loss for this unit. */
export function isEntitledToPlant(
  trainer: Account,
  parameters: ChainParameters,
  publicKey: PublicKey,
  place: PlantPlace,
  proof: VrfProof,
): boolean {
  if (!mayPlant(trainer, parameters)) return false
  const beta = verifyVrf(publicKey, plantAlpha(place), proof)
  return beta !== null && isPlant(beta)
}
