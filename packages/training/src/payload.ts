/**
 * What a trainer reveals of a unit: the leaves of its trace and the compressed pseudo-gradient.
 *
 *     "HUP2"  uint32 leafCount  leaf × leafCount (32 bytes each)  uint8 codec  body        (little-endian)
 */
import { concatBytes, fromHex, type Hash, type Recipe, segmentsOf, toHex, ZERO_HASH } from '@hydraai/core'
import { decodeBody, maxBodyBytes } from './codec/body.ts'
import { invalidUpdate } from './codec/invalid.ts'

const MAGIC = [0x48, 0x55, 0x50, 0x32]
const LEAF_BYTES = 32
const CODECS = { int8: 0, sparse: 1 } as const

export interface UnitPayload {
  /** The states at the ends of the unit's segments. */
  readonly leaves: readonly Hash[]
  /** `[count]`: the round's base minus what was trained, up to its compression. */
  readonly delta: Float32Array
}

/** Bytes of the longest payload for `count` parameters. */
export function maxPayloadBytes(recipe: Recipe, count: number): number {
  return bodyAt(segmentsOf(recipe)) + maxBodyBytes(recipe, count)
}

/** `body` is written by {@link encodeBody} of the same recipe, `leaves` are as many as a unit has segments. */
export function encodePayload(recipe: Recipe, leaves: readonly Hash[], body: Uint8Array): Uint8Array {
  const head = new Uint8Array(8)
  head.set(MAGIC)
  new DataView(head.buffer).setUint32(4, leaves.length, true)
  return concatBytes(head, ...leaves.map(leaf => fromHex(leaf)), Uint8Array.of(CODECS[recipe.compression.type]), body)
}

/** Throws UPDATE_INVALID for anything that {@link encodePayload} does not write for this recipe and `count` parameters. */
export function decodePayload(bytes: Uint8Array, recipe: Recipe, count: number): UnitPayload {
  const leaves = payloadLeaves(bytes, recipe)
  const at = bodyAt(leaves.length)
  const { type } = recipe.compression
  if (bytes[at - 1] !== CODECS[type]) throw invalidUpdate(`it is not compressed by ${type}`)
  return { leaves, delta: decodeBody(recipe, bytes.subarray(at), count) }
}

/** The leaves alone, without a look at the body. Throws UPDATE_INVALID. */
export function payloadLeaves(bytes: Uint8Array, recipe: Recipe): Hash[] {
  const count = segmentsOf(recipe)
  if (bytes.length < bodyAt(count)) throw invalidUpdate(`it has ${bytes.length} bytes, too few for ${count} leaves`)
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw invalidUpdate('it does not begin with "HUP2"')
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true)
  if (claimed !== count) throw invalidUpdate(`it says ${claimed} leaves, not ${count}`)
  return Array.from({ length: count }, (_, i) => {
    const leaf = toHex(bytes.subarray(8 + i * LEAF_BYTES, 8 + (i + 1) * LEAF_BYTES)) as Hash
    // It stands for a state that is no number, which nobody can go on from.
    if (leaf === ZERO_HASH) throw invalidUpdate(`leaf ${i} is zero`)
    return leaf
  })
}

function bodyAt(leafCount: number): number {
  return 8 + leafCount * LEAF_BYTES + 1
}
