import type { Hash } from './brand.ts'
import { fromHex, u64be } from './bytes.ts'
import type { Codec } from './codec/codec.ts'
import { list, struct } from './codec/composites.ts'
import { bytes, hash, uint } from './codec/scalars.ts'
import { HydraError } from './errors.ts'
import { taggedHash } from './hash.ts'
import { MerkleTree, merkleRoot, merkleRootOfProof } from './merkle.ts'

/** Bytes in every chunk of a blob but the last. */
export const CHUNK_BYTES = 262_144
const MAX_PROOF = 64

/** One piece of a blob and the proof that it is that piece. */
export interface ContentChunk {
  /** Bytes in the whole blob. */
  size: number
  index: number
  bytes: Uint8Array
  proof: Hash[]
}

export const contentChunkCodec: Codec<ContentChunk> = struct({
  size: uint,
  index: uint,
  bytes: bytes({ max: CHUNK_BYTES }),
  proof: list(hash, { max: MAX_PROOF }),
})

/** Chunks of a blob of `size` bytes. An empty blob has one empty chunk, so that it too can be proven. */
export function chunkCountOf(size: number): number {
  return Math.max(1, Math.ceil(size / CHUNK_BYTES))
}

/** Bytes in chunk `index` of a blob of `size` bytes. */
export function chunkLengthOf(size: number, index: number): number {
  return Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES)
}

function chunksOf(blob: Uint8Array): Uint8Array[] {
  return Array.from({ length: chunkCountOf(blob.length) }, (_, i) =>
    blob.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
  )
}

/** The RFC 6962 root over the chunks of a blob: with the size it makes the name, and does not follow from it. */
export function contentRootOf(blob: Uint8Array): Hash {
  return merkleRoot(chunksOf(blob))
}

/** The name of a blob of `size` bytes whose chunks have this root. */
export function contentIdOfRoot(size: number, root: Hash): Hash {
  return taggedHash('hydra/content/1', u64be(size), fromHex(root))
}

/** The name of a blob: its size and the Merkle root over its chunks, so that any chunk can be checked alone. */
export function contentIdOf(blob: Uint8Array): Hash {
  return contentIdOfRoot(blob.length, contentRootOf(blob))
}

/**
 * Hashes the blob once and then proves any of its chunks; their bytes are views into the blob. The returned function
 * throws HydraError CHUNK_MISSING for an index that the blob does not have.
 */
export function contentProver(blob: Uint8Array): (index: number) => ContentChunk {
  const chunks = chunksOf(blob)
  const tree = new MerkleTree(chunks)
  return index => {
    const chunk = chunks[index]
    if (chunk === undefined) {
      throw new HydraError('CHUNK_MISSING', `there is no chunk ${index}: the content has ${chunks.length}`)
    }
    return { size: blob.length, index, bytes: chunk, proof: tree.proof(index) }
  }
}

/** One chunk of the blob with its proof. For more than one, {@link contentProver}. @throws HydraError CHUNK_MISSING */
export function proveChunk(blob: Uint8Array, index: number): ContentChunk {
  return contentProver(blob)(index)
}

/** Whether the chunk, its place and the size it claims belong to the blob named `id`. Never throws. */
export function verifyChunk(id: Hash, chunk: ContentChunk): boolean {
  const { size, index, proof } = chunk
  if (!Number.isSafeInteger(size) || size < 0 || proof.length > MAX_PROOF) return false
  const count = chunkCountOf(size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return false
  if (chunk.bytes.length !== chunkLengthOf(size, index)) return false
  const root = merkleRootOfProof({ leaf: chunk.bytes, index, count, proof })
  return root !== null && contentIdOfRoot(size, root) === id
}
