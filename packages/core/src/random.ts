import type { Hash } from './brand.ts'
import { concatBytes, fromHex, u64be, utf8 } from './bytes.ts'
import { HydraError } from './errors.ts'
import { isHash, sha256 } from './hash.ts'

const TAG = utf8('hydra/random/1\0')
const WORDS_PER_BLOCK = 8

/**
 * Draws of the protocol: block i is `sha256('hydra/random/1' ‖ 0x00 ‖ seed ‖ u64be(i))`, read as eight big-endian words.
 * The same seed gives the same draws on every machine.
 */
export class CounterRandom {
  readonly #seed: Uint8Array
  #counter = 0
  #block: DataView | null = null
  #word = WORDS_PER_BLOCK

  constructor(seed: Hash) {
    if (!isHash(seed)) throw new HydraError('RANGE_INVALID', 'a seed must be a hash of 64 hex digits')
    this.#seed = fromHex(seed)
  }

  /** The next word, 0..2^32-1. */
  uint32(): number {
    if (this.#block === null || this.#word === WORDS_PER_BLOCK) {
      this.#block = new DataView(sha256(concatBytes(TAG, this.#seed, u64be(this.#counter++))).buffer)
      this.#word = 0
    }
    return this.#block.getUint32(4 * this.#word++)
  }

  /** An integer 0..n-1, each as likely as the other; `n` is an integer 1..2^32. @throws HydraError RANGE_INVALID */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0x100000000) {
      throw new HydraError('RANGE_INVALID', `cannot draw below ${n}: it must be an integer from 1 to 4294967296`)
    }
    // Words above the last whole multiple of n would favour the small remainders, so they are drawn again.
    const limit = 0x100000000 - (0x100000000 % n)
    let word = this.uint32()
    while (word >= limit) word = this.uint32()
    return word % n
  }

  /** An integer 0n..n-1n for weights beyond 32 bits, each as likely as the other; `n` is 1..2^128. @throws HydraError RANGE_INVALID */
  belowBig(n: bigint): bigint {
    if (n < 1n || n > 1n << 128n) throw new HydraError('RANGE_INVALID', `cannot draw below ${n}: it must be 1 to 2^128`)
    const limit = (1n << 128n) - ((1n << 128n) % n)
    for (;;) {
      let draw = 0n
      for (let i = 0; i < 4; i++) draw = (draw << 32n) | BigInt(this.uint32())
      if (draw < limit) return draw % n
    }
  }
}
