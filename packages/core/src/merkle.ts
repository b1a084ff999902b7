import type { Hash } from './brand.ts'
import { fromHex, toHex } from './bytes.ts'
import { isHash, sha256 } from './hash.ts'

// Certificate Transparency's tree: RFC 6962 section 2.1. The prefixes keep a node from passing for a leaf.
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

const leafHash = (leaf: Uint8Array): Uint8Array => sha256(LEAF, leaf)
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(NODE, left, right)

/** One level up. A last node without a partner rises unchanged, which is what RFC 6962's split comes to. */
function parents(level: Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!))
  if (level.length % 2 === 1) above.push(level[level.length - 1]!)
  return above
}

/** A tree whose levels are kept, for whoever needs more than one proof of it. */
export class MerkleTree {
  readonly #levels: Uint8Array[][]

  constructor(leaves: readonly Uint8Array[]) {
    this.#levels = [leaves.map(leafHash)]
    for (let level = this.#levels[0]!; level.length > 1; ) {
      level = parents(level)
      this.#levels.push(level)
    }
  }

  /** Merkle tree hash (RFC 6962 section 2.1). No leaves: SHA-256 of nothing. */
  get root(): Hash {
    const [top] = this.#levels[this.#levels.length - 1]!
    return toHex(top ?? sha256(new Uint8Array())) as Hash
  }

  /**
   * Audit path of one leaf, from the leaf's sibling upwards (RFC 6962 section 2.1.1).
   * @throws RangeError when there is no leaf `index`
   */
  proof(index: number): Hash[] {
    const [leaves] = this.#levels
    if (!Number.isInteger(index) || index < 0 || index >= leaves!.length) {
      throw new RangeError(`leaf ${index} of ${leaves!.length} does not exist`)
    }
    const proof: Hash[] = []
    let position = index
    for (const level of this.#levels) {
      const sibling = level[position % 2 === 0 ? position + 1 : position - 1]
      if (sibling !== undefined) proof.push(toHex(sibling) as Hash)
      position = Math.floor(position / 2)
    }
    return proof
  }
}

/** Merkle tree hash of the leaves, in their order. */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  return new MerkleTree(leaves).root
}

/** @see MerkleTree.proof */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Hash[] {
  return new MerkleTree(leaves).proof(index)
}

export interface MerkleInclusion {
  leaf: Uint8Array
  /** Position of the leaf, 0..count-1. */
  index: number
  /** Leaves in the whole tree. */
  count: number
  proof: readonly Hash[]
}

/** The root that the proof leads to, or null when the proof has the wrong shape for (index, count). */
export function merkleRootOfProof({ leaf, index, count, proof }: MerkleInclusion): Hash | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count) return null
  let hash = leafHash(leaf)
  let used = 0
  let position = index
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    const alone = position % 2 === 0 && position + 1 === width
    if (!alone) {
      const sibling = proof[used++]
      if (sibling === undefined || !isHash(sibling)) return null
      hash = position % 2 === 0 ? nodeHash(hash, fromHex(sibling)) : nodeHash(fromHex(sibling), hash)
    }
    position = Math.floor(position / 2)
  }
  return used === proof.length ? (toHex(hash) as Hash) : null
}

/** Whether `leaf` is number `index` of the `count` leaves under `root`. Never throws, whatever the proof holds. */
export function verifyMerkleProof(claim: MerkleInclusion & { root: Hash }): boolean {
  return merkleRootOfProof(claim) === claim.root
}
