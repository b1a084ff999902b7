/** Which samples are held out: a function of their bytes alone, so that nobody chooses and duplicates stay together. */
import { createHash } from 'node:crypto'
import { HydraError } from '@hydraai/core'

const HELD_OUT = Math.floor(0x1_0000_0000 / 10)
/** Every node goes through all that is held out in every round; more would hardly make the score more exact. */
const MOST_HELD_OUT = 2000

/** The first four bytes of SHA-256, big-endian: what {@link splitByHash} goes by. */
export function splitKeyOf(sample: Uint8Array | string): number {
  return createHash('sha256').update(sample).digest().readUInt32BE(0)
}

/** Sample numbers in their order: what to train on, and what not. */
export interface Split {
  readonly train: readonly number[]
  readonly heldOut: readonly number[]
}

/**
 * `keys[i]` is {@link splitKeyOf} of sample i. Held out is what lies in the lowest tenth of all keys, `most` samples of it
 * beginning with the lowest; if that is nothing, the lowest key, and never half of the samples or more. Samples of one key
 * are on one side.
 * @throws HydraError DATA_TOO_FEW when no split leaves something on both sides
 */
export function splitByHash(keys: ArrayLike<number>, most = MOST_HELD_OUT): Split {
  const count = keys.length
  const sizes = new Map<number, number>()
  for (let i = 0; i < count; i++) sizes.set(keys[i]!, (sizes.get(keys[i]!) ?? 0) + 1)
  const chosen = new Set<number>()
  let taken = 0
  for (const key of [...sizes.keys()].sort((a, b) => a - b)) {
    if ((key >= HELD_OUT || taken >= most) && taken > 0) break
    const size = sizes.get(key)!
    if (2 * (taken + size) >= count || (taken > 0 && taken + size > most)) continue
    chosen.add(key)
    taken += size
  }
  if (taken === 0) {
    throw new HydraError('DATA_TOO_FEW', `${count} samples cannot be split: too few of them differ.`, {
      advice: 'Give at least three different samples, so that some can be held out to judge the model by.',
    })
  }
  const train: number[] = []
  const heldOut: number[] = []
  for (let i = 0; i < count; i++) (chosen.has(keys[i]!) ? heldOut : train).push(i)
  return { train, heldOut }
}
