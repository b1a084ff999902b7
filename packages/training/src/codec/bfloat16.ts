import { float32Bits, float32OfBits } from '@hydraai/core'

const LARGEST = 0x7f7f

/** The upper half of a float32 next to `value`, which is not negative; what is too large becomes the largest. */
export function bfloat16Bits(value: number): number {
  const bits = float32Bits(Math.fround(value))
  // Half to even, as float32 itself is rounded.
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
  return Math.min(rounded, LARGEST)
}

/** The float32 whose upper half is `bits`. */
export function bfloat16Of(bits: number): number {
  return float32OfBits((bits << 16) >>> 0)
}

export function isPositiveBfloat16(bits: number): boolean {
  return bits > 0 && bits <= LARGEST
}
