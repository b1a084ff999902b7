import { concatBytes, fromHex, type Hash, isHash, sha256, toHex } from '@hydraai/core'
import type { LedgerState } from './types.ts'

// The hashes of all blocks so far as an RFC 6962 tree that only grows: of it the state keeps the roots of its full
// subtrees ("peaks"), largest first, one for each binary digit 1 of the number of leaves.

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

function leafOf(hash: Hash): Uint8Array {
  return sha256(concatBytes(LEAF, fromHex(hash)))
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right))
}

/** The peaks over `count` + 1 hashes, from those over the first `count` and the one that follows. */
export function appendHash(peaks: readonly Hash[], count: number, hash: Hash): Hash[] {
  const grown = [...peaks]
  let last = leafOf(hash)
  // As in adding 1 to a binary number: every trailing digit 1 is a subtree that is now full with its neighbour.
  for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) last = nodeOf(fromHex(grown.pop()!), last)
  grown.push(toHex(last) as Hash)
  return grown
}

/** RFC 6962 root over the hashes of blocks 0 (the genesis hash) to `state.height` - 1. */
export function historyRoot(state: Pick<LedgerState, 'history'>): Hash {
  const [smallest, ...larger] = state.history.map(fromHex).reverse()
  if (smallest === undefined) return toHex(sha256(new Uint8Array())) as Hash
  return toHex(larger.reduce((root, peak) => nodeOf(peak, root), smallest)) as Hash
}

/**
 * Whether block `height` of the chain below `state` had that hash. The proof leads to the peak over it: the siblings on
 * its way from the leaf up, one for each level, so it holds until that subtree grows. Never throws.
 */
export function verifyHistory(
  state: Pick<LedgerState, 'height' | 'history'>,
  height: number,
  hash: Hash,
  proof: readonly Hash[],
): boolean {
  const place = placeOf(state.height, height)
  if (place === null || proof.length !== place.depth || !isHash(hash) || !proof.every(isHash)) return false
  let node = leafOf(hash)
  let position = height - place.start
  for (const sibling of proof) {
    node = position % 2 === 0 ? nodeOf(node, fromHex(sibling)) : nodeOf(fromHex(sibling), node)
    position = Math.floor(position / 2)
  }
  return toHex(node) === state.history[place.peak]
}

/**
 * The proof for {@link verifyHistory} from the hashes of all blocks 0..n-1, for a state of height n.
 * @throws RangeError when there is no block `height` among them
 */
export function historyProof(hashes: readonly Hash[], height: number): Hash[] {
  const place = placeOf(hashes.length, height)
  if (place === null) throw new RangeError(`block ${height} is not one of ${hashes.length}`)
  let level = hashes.slice(place.start, place.start + place.size).map(leafOf)
  let position = height - place.start
  const proof: Hash[] = []
  while (level.length > 1) {
    proof.push(toHex(level[position % 2 === 0 ? position + 1 : position - 1]!) as Hash)
    level = Array.from({ length: level.length / 2 }, (_, i) => nodeOf(level[2 * i]!, level[2 * i + 1]!))
    position = Math.floor(position / 2)
  }
  return proof
}

/** Which full subtree of a tree with `count` leaves holds leaf `index`: its number, first leaf, size and depth. */
function placeOf(count: number, index: number): { peak: number; start: number; size: number; depth: number } | null {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return null
  let size = 1
  let depth = 0
  for (; size * 2 <= count; size *= 2) depth++
  let start = 0
  for (let peak = 0; ; ) {
    if (start + size <= count) {
      if (index < start + size) return { peak, start, size, depth }
      start += size
      peak++
    }
    size /= 2
    depth--
  }
}
