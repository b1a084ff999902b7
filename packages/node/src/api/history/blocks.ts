import type { Hash } from '@hydraai/core'
import { blockHash } from '@hydraai/ledger'
import type { Chain, CommittedBlock } from '../../chain/chain.ts'

/** A final block as the API shows it. */
export type StoredBlock = Pick<CommittedBlock, 'block' | 'hash' | 'commit' | 'events'>

const MAX_BLOCKS = 256
/** Transactions and events together, over all blocks held: bounds the memory by what blocks contain, not by their number. */
const MAX_LINES = 50_000
const AT_ONCE = 16

/** Final blocks, decoded; the ones asked for last are kept. */
export class BlockReader {
  readonly #chain: Chain
  readonly #held = new Map<number, StoredBlock>()
  #lines = 0

  constructor(chain: Chain) {
    this.#chain = chain
  }

  async at(height: number): Promise<StoredBlock | undefined> {
    const held = this.#held.get(height)
    if (held) {
      this.#held.delete(height)
      this.#held.set(height, held)
      return held
    }
    const found = await this.#chain.blockAt(height)
    if (!found) return undefined
    const block = { ...found, hash: blockHash(found.block.header) }
    this.#keep(height, block)
    return block
  }

  /** Those of `heights` that are there, in that order; a few at a time, since a block may be large. */
  async many(heights: readonly number[]): Promise<StoredBlock[]> {
    const found: StoredBlock[] = []
    for (let from = 0; from < heights.length; from += AT_ONCE) {
      const some = await Promise.all(heights.slice(from, from + AT_ONCE).map(height => this.at(height)))
      found.push(...some.filter(block => block !== undefined))
    }
    return found
  }

  async byHash(hash: Hash): Promise<StoredBlock | undefined> {
    const height = await this.#chain.heightOf(hash)
    return height === undefined ? undefined : this.at(height)
  }

  #keep(height: number, block: StoredBlock): void {
    if (this.#held.has(height)) return
    this.#held.set(height, block)
    this.#lines += linesOf(block)
    for (const [oldest, held] of this.#held) {
      if (this.#held.size <= MAX_BLOCKS && this.#lines <= MAX_LINES) return
      this.#held.delete(oldest)
      this.#lines -= linesOf(held)
    }
  }
}

function linesOf({ block, events }: StoredBlock): number {
  return block.transactions.length + events.length + 1
}
