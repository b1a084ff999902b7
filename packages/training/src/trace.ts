/**
 * What shows that a unit was done: hashes of its state along the way. The state at the end of a segment gives two: the
 * leaf, which anyone may see, and the key, which does not follow from it and is known only to who has done the steps.
 */
import { contentIdOfRoot, contentRootOf, fromHex, type Hash, merkleRoot, taggedHash, u64be } from '@hydraai/core'
import { assertFinite } from '@hydraai/engine'

/** All that the next step of a unit depends on, besides its assignment. */
export interface UnitState {
  /** Steps done. */
  readonly step: number
  /** `[count]` */
  readonly parameters: Float32Array
  /** `[2 * count]`: the first moments, then the second. */
  readonly moments: Float32Array
}

export interface StateHashes {
  readonly leaf: Hash
  readonly key: Hash
}

const MAGIC = [0x48, 0x53, 0x54, 0x31]
const HEADER_BYTES = 12

/** Bytes of a state of `count` parameters. */
export function stateSizeOf(count: number): number {
  return HEADER_BYTES + 12 * count
}

/**
 * `"HST1"  uint32 step  uint32 count  float32 parameters × count  float32 m × count  float32 v × count`, little-endian.
 * Throws NON_FINITE: a NaN has no bits that all machines agree on.
 */
export function encodeState({ step, parameters, moments }: UnitState): Uint8Array {
  assertFinite(parameters, 'the parameters on the way')
  assertFinite(moments, 'the state of the optimiser')
  const count = parameters.length
  const bytes = new Uint8Array(stateSizeOf(count))
  bytes.set(MAGIC)
  const view = new DataView(bytes.buffer)
  view.setUint32(4, step, true)
  view.setUint32(8, count, true)
  // WebAssembly's memory is little-endian, so the engine needs a machine whose typed arrays are.
  const values = new Float32Array(bytes.buffer, HEADER_BYTES)
  values.set(parameters)
  values.set(moments, count)
  return bytes
}

/** The state in `bytes`; null unless {@link encodeState} would write it of `count` parameters after `step` steps. */
export function decodeState(bytes: Uint8Array, count: number, step: number): UnitState | null {
  if (bytes.length !== stateSizeOf(count) || MAGIC.some((byte, i) => bytes[i] !== byte)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(4, true) !== step || view.getUint32(8, true) !== count) return null
  const values = new Float32Array(bytes.slice(HEADER_BYTES).buffer)
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return null
  return { step, parameters: values.subarray(0, count), moments: values.subarray(count) }
}

/**
 * Both hashes of a state. The bytes, of which there are many, are hashed once: the leaf is their content id, which is a hash
 * of the root over their chunks, and the key is another hash of that root.
 */
export function stateHashesOf(state: Uint8Array): StateHashes {
  const root = contentRootOf(state)
  return {
    leaf: contentIdOfRoot(state.length, root),
    key: taggedHash('hydra/segment-key/1', u64be(state.length), fromHex(root)),
  }
}

/** The key of the segment that ends with this state. */
export function segmentKeyOf(state: Uint8Array): Hash {
  return stateHashesOf(state).key
}

/** The root over a unit's leaves, RFC 6962. */
export function traceRootOf(leaves: readonly Hash[]): Hash {
  return merkleRoot(leaves.map(leaf => fromHex(leaf)))
}
