import type { Hash } from './brand.ts'
import { concatBytes, fromHex, toHex } from './bytes.ts'
import { isHash, sha256 } from './hash.ts'

// Certificate Transparency's tree: RFC 6962 section 2.1. The prefixes keep a node from passing for a leaf.
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

const leafHash = (leaf: Uint8Array): Uint8Array => sha256(concatBytes(LEAF, leaf))
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concatBytes(NODE, left, right))

/** One level up. A last node without a partner rises unchanged, which is what RFC 6962's split comes to. */
function parents(level: Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!))
  if (level.length % 2 === 1) above.push(level[level.length - 1]!)
  return above
}

/** Merkle tree hash of the leaves, in their order (RFC 6962 section 2.1). No leaves: SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  if (leaves.length === 0) return toHex(sha256(new Uint8Array())) as Hash
  let level = leaves.map(leafHash)
  while (level.length > 1) level = parents(level)
  return toHex(level[0]!) as Hash
}

/**
 * Audit path of one leaf, from the leaf's sibling upwards (RFC 6962 section 2.1.1).
 * @throws RangeError when there is no leaf `index`
 */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Hash[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`leaf ${index} of ${leaves.length} does not exist`)
  }
  const proof: Hash[] = []
  let level = leaves.map(leafHash)
  let position = index
  while (level.length > 1) {
    const sibling = level[position % 2 === 0 ? position + 1 : position - 1]
    if (sibling !== undefined) proof.push(toHex(sibling) as Hash)
    level = parents(level)
    position = Math.floor(position / 2)
  }
  return proof
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
