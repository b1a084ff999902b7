import { type Hash, sha256, toHex } from '@hydraai/core'
import { entriesOf, shareEntries } from './entries.ts'
import type { Origin } from './origin.ts'
import type { LedgerState } from './types.ts'

/** Node hashes of a tree from the leaves (first) to the root (last). */
type Levels = readonly (readonly Uint8Array[])[]

const trees = new WeakMap<LedgerState, Levels>()

/**
 * RFC 6962 Merkle root over the entries of the state in order of their keys. With its origin, every node above
 * unchanged entries is taken from the parent's tree, which makes a block cheap.
 */
export function stateRoot(state: LedgerState, origin?: Origin): Hash {
  let levels = trees.get(state)
  if (levels === undefined) {
    const leaves = entriesOf(state, origin).map(entry => entry.leaf)
    levels = growTree(leaves, (origin && trees.get(origin.parent)) ?? [])
    trees.set(state, levels)
  }
  return toHex(levels.at(-1)![0]!) as Hash
}

/** RFC 6962 audit path of the entry at that place under the root, from its sibling upwards. */
export function rootPath(state: LedgerState, index: number): Hash[] {
  stateRoot(state)
  const path: Hash[] = []
  let position = index
  for (const level of trees.get(state)!) {
    const sibling = level[position % 2 === 0 ? position + 1 : position - 1]
    if (sibling !== undefined) path.push(toHex(sibling) as Hash)
    position = Math.floor(position / 2)
  }
  return path
}

/** `sealed` differs from `state` only in what is not under the root, so it has the same entries and the same tree. */
export function shareRoot(state: LedgerState, sealed: LedgerState): void {
  const levels = trees.get(state)
  if (levels !== undefined) trees.set(sealed, levels)
  shareEntries(state, sealed)
}

function growTree(leaves: readonly Uint8Array[], old: Levels): Levels {
  const levels: (readonly Uint8Array[])[] = [leaves]
  for (let depth = 0; levels[depth]!.length > 1; depth++) {
    levels.push(levelAbove(levels[depth]!, old[depth] ?? [], old[depth + 1] ?? []))
  }
  return levels
}

/** Nodes over `below`. One whose children are the very same hashes as in the old tree is the old node. */
function levelAbove(
  below: readonly Uint8Array[],
  oldBelow: readonly Uint8Array[],
  oldAbove: readonly Uint8Array[],
): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let i = 0; i < below.length; i += 2) {
    const left = below[i]!
    const right = below[i + 1]
    // RFC 6962 splits at the largest power of two, which comes to lifting a last node that has no partner.
    if (right === undefined) above.push(left)
    else if (left === oldBelow[i] && right === oldBelow[i + 1]) above.push(oldAbove[i / 2]!)
    else above.push(nodeOf(left, right))
  }
  return above
}

/** One buffer for all nodes: 0x01, left, right. */
const node = new Uint8Array(65)
node[0] = 1

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1)
  node.set(right, 33)
  return sha256(node)
}
