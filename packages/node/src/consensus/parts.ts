import {
  bytes,
  type Codec,
  type Hash,
  hash,
  type Infer,
  list,
  MerkleTree,
  struct,
  uintMax,
  verifyMerkleProof,
} from '@hydraai/core'
import { MAX_BLOCK_BYTES } from '@hydraai/ledger'

/** Blocks up to this size travel with their proposal, larger ones in parts of this size. */
export const PART_BYTES = 65_536
export const MAX_PARTS = Math.ceil(MAX_BLOCK_BYTES / PART_BYTES)
/** Levels of a tree with that many leaves. */
const MAX_PROOF = 8

/** One piece of a block, with the way from it to the root that the proposer signed. */
export const partCodec = struct({
  index: uintMax(MAX_PARTS - 1),
  bytes: bytes({ max: PART_BYTES }),
  proof: list(hash, { max: MAX_PROOF }),
})
export type Part = Infer<typeof partCodec>
export const partsCodec: Codec<Part[]> = list(partCodec, { max: MAX_PARTS })

export function partCountOf(size: number): number {
  return Math.ceil(size / PART_BYTES)
}

/** A whole block, ready to be handed out in parts. */
export class PartedBlock {
  readonly block: Uint8Array
  readonly #tree: MerkleTree

  constructor(block: Uint8Array) {
    this.block = block
    this.#tree = new MerkleTree(Array.from({ length: partCountOf(block.length) }, (_, index) => this.#slice(index)))
  }

  get root(): Hash {
    return this.#tree.root
  }

  get count(): number {
    return partCountOf(this.block.length)
  }

  part(index: number): Part {
    return { index, bytes: this.#slice(index), proof: this.#tree.proof(index) }
  }

  #slice(index: number): Uint8Array {
    return this.block.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)
  }
}

/** A block that comes in parts. Takes only what belongs under the root, so it is right as far as it is there. */
export class Assembly {
  readonly root: Hash
  readonly #size: number
  readonly #block: Uint8Array
  readonly #proofs = new Map<number, Hash[]>()

  /** `size`: of the whole block, in bytes. */
  constructor(root: Hash, size: number) {
    this.root = root
    this.#size = size
    this.#block = new Uint8Array(size)
  }

  get count(): number {
    return partCountOf(this.#size)
  }

  /** The whole block, once every part is here. */
  get block(): Uint8Array | null {
    return this.#proofs.size === this.count ? this.#block : null
  }

  missing(): number[] {
    return Array.from({ length: this.count }, (_, index) => index).filter(index => !this.#proofs.has(index))
  }

  has(index: number): boolean {
    return this.#proofs.has(index)
  }

  /** A part that is here, for those who miss it. */
  part(index: number): Part | undefined {
    const proof = this.#proofs.get(index)
    return proof && { index, bytes: this.#block.subarray(index * PART_BYTES, (index + 1) * PART_BYTES), proof }
  }

  /** Whether the part is one of this block; it is kept then. */
  take({ index, bytes, proof }: Part): boolean {
    const { count, root } = this
    const length = index === count - 1 ? this.#size - index * PART_BYTES : PART_BYTES
    if (index >= count || bytes.length !== length) return false
    if (!verifyMerkleProof({ leaf: bytes, index, count, proof, root })) return false
    if (!this.#proofs.has(index)) {
      this.#block.set(bytes, index * PART_BYTES)
      this.#proofs.set(index, proof)
    }
    return true
  }
}
