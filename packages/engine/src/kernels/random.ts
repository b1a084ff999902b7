// Counter-based random numbers: Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
// Number i of a stream depends on the key, the stream and i alone, so streams can be drawn in any order.
import { cosOfTurns, ln, sinOfTurns } from './mathematics'
import { scratchWord } from './scratch'

/** Writes the four words of block (c0, c1, c2, c3) under the key (k0, k1) to `to`. */
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, to: usize): void {
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0
    const product1 = <u64>0xcd9e8d57 * <u64>c2
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0
    c1 = <u32>product1
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1
    c3 = <u32>product0
    k0 += 0x9e3779b9
    k1 += 0xbb67ae85
  }
  store<u32>(to, c0)
  store<u32>(to, c1, 4)
  store<u32>(to, c2, 8)
  store<u32>(to, c3, 12)
}

/** Word w as a number in (0, 1): (w + 1/2) / 2^32. */
// @ts-ignore: decorator
@inline
function unit(word: u32): f64 {
  return (<f64>word + 0.5) * (1.0 / 4294967296.0)
}

/** to[i] = low + (high - low) · u, u uniform in (0, 1), rounded to float32. Block i / 4, word i mod 4. */
export function fillUniform(
  to: usize, count: i32, low: f64, high: f64, stream: u32, n0: u32, n1: u32, k0: u32, k1: u32,
): void {
  const block = scratchWord()
  for (let i = 0; i < count; i++) {
    if ((i & 3) == 0) philox(<u32>i >> 2, stream, n0, n1, k0, k1, block)
    store<f32>(to, <f32>(low + (high - low) * unit(load<u32>(block + ((<usize>(i & 3)) << 2)))))
    to += 4
  }
}

/** to[i] = deviation · z, z standard normal by Box and Muller's transform (1958) of words 0, 1 and 2, 3 of block i / 4. */
export function fillNormal(
  to: usize, count: i32, deviation: f64, stream: u32, n0: u32, n1: u32, k0: u32, k1: u32,
): void {
  const block = scratchWord()
  for (let i = 0; i < count; i++) {
    if ((i & 3) == 0) philox(<u32>i >> 2, stream, n0, n1, k0, k1, block)
    const pair = block + ((<usize>(i & 2)) << 2)
    const radius = deviation * sqrt<f64>(-2.0 * ln(unit(load<u32>(pair))))
    const turns = unit(load<u32>(pair, 4))
    store<f32>(to, <f32>(radius * (i & 1 ? sinOfTurns(turns) : cosOfTurns(turns))))
    to += 4
  }
}
