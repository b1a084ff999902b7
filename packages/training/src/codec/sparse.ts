/**
 * SparseLoCo's update (arXiv 2508.15706): of each tile of 64 × 64 values, that is 4096 in a row of the flat vector, only the
 * largest, in two bits each. Every vector that can be written is written in exactly one way. A tile, in bits:
 *
 *     1                   it holds as many values as the recipe keeps of a tile of its size, or
 *     0  n                n values, fewer than that, in as many bits as the most it can be takes; with n = 0 that is all
 *     low  high           the two magnitudes, 16 bits each: the upper half of a float32; low = 0: all have the high one
 *     gap × n             the zeros before each value: Rice code, whose parameter follows from n and the tile's size
 *     sign (high?) × n    1: negative; 1: the high magnitude, left out where low = 0
 */
import { assertFinite } from '@hydraai/engine'
import { bfloat16Bits, bfloat16Of, isPositiveBfloat16 } from './bfloat16.ts'
import { BitReader, BitWriter } from './bits.ts'
import { invalidUpdate } from './invalid.ts'
import { twoMagnitudes } from './magnitudes.ts'

export const SPARSE_TILE = 4096

const SCALE_BITS = 16
const SIGN_BIT = 0x80000000

/** Values that are sent of a tile of `size` values: the nearest whole number to the share, at least one. */
export function keptOf(size: number, keepPpm: number): number {
  return Math.max(1, Math.floor((size * keepPpm + 500_000) / 1_000_000))
}

/** The longest that the encoding of `count` values can be. */
export function maxSparseBytes(count: number, keepPpm: number): number {
  const rest = count % SPARSE_TILE
  const bits =
    Math.floor(count / SPARSE_TILE) * mostBits(SPARSE_TILE, keepPpm) + (rest > 0 ? mostBits(rest, keepPpm) : 0)
  return Math.ceil(bits / 8)
}

function mostBits(size: number, keepPpm: number): number {
  const kept = keptOf(size, keepPpm)
  let most = 0
  for (let n = 1; n <= kept; n++) {
    const parameter = riceParameter(size, n)
    const gaps = n * (1 + parameter) + Math.floor((size - n) / (1 << parameter))
    const head = n === kept ? 1 : 1 + widthOf(kept)
    most = Math.max(most, head + 2 * SCALE_BITS + gaps + 2 * n)
  }
  return Math.max(most, 1 + widthOf(kept))
}

/** `values` is `[count]`. Throws NON_FINITE. */
export function encodeSparse(values: Float32Array, keepPpm: number): Uint8Array {
  assertFinite(values, 'the update')
  const out = new BitWriter(maxSparseBytes(values.length, keepPpm))
  for (let start = 0; start < values.length; start += SPARSE_TILE) {
    writeTile(values.subarray(start, start + SPARSE_TILE), keepPpm, out)
  }
  return out.finish()
}

/** The vector `[count]` of `body`. Throws UPDATE_INVALID for anything that {@link encodeSparse} cannot write. */
export function decodeSparse(body: Uint8Array, count: number, keepPpm: number): Float32Array {
  const most = maxSparseBytes(count, keepPpm)
  if (body.length > most) throw invalidUpdate(`it has ${body.length} bytes; ${count} parameters take at most ${most}`)
  const values = new Float32Array(count)
  const input = new BitReader(body)
  for (let start = 0; start < count; start += SPARSE_TILE) {
    readTile(input, keepPpm, values.subarray(start, start + SPARSE_TILE))
  }
  input.end()
  return values
}

function writeTile(tile: Float32Array, keepPpm: number, out: BitWriter): void {
  const kept = keptOf(tile.length, keepPpm)
  const [places, low, high] = chosen(tile, kept)
  const n = places.length
  if (n === kept) out.write(1, 1)
  else out.write(n, 1 + widthOf(kept))
  if (n === 0) return
  out.write(low, SCALE_BITS)
  out.write(high, SCALE_BITS)
  const parameter = riceParameter(tile.length, n)
  let next = 0
  for (const { place } of places) {
    const gap = place - next
    out.unary(gap >>> parameter)
    out.write(gap & ((1 << parameter) - 1), parameter)
    next = place + 1
  }
  for (const { place, isHigh } of places) {
    const sign = tile[place]! < 0 ? 1 : 0
    if (low === 0) out.write(sign, 1)
    else out.write((sign << 1) | (isHigh ? 1 : 0), 2)
  }
}

interface Place {
  readonly place: number
  readonly isHigh: boolean
}

/** What is sent of a tile, in ascending order, and the bits of both magnitudes. */
function chosen(tile: Float32Array, kept: number): [places: Place[], low: number, high: number] {
  const largest = largestOf(tile, kept)
  const { cut, low, high } = twoMagnitudes(Float32Array.from(largest, place => Math.abs(tile[place]!)))
  const lowBits = bfloat16Bits(low)
  const highBits = bfloat16Bits(high)
  if (highBits === 0) return [[], 0, 0]
  const isHigh = (place: number): boolean => Math.abs(tile[place]!) >= cut
  // Magnitudes that 16 bits do not tell apart are one; one that 16 bits cannot hold is not sent.
  if (lowBits === highBits) return [largest.map(place => ({ place, isHigh: true })), 0, highBits]
  const places = largest.map(place => ({ place, isHigh: isHigh(place) }))
  return [lowBits === 0 ? places.filter(({ isHigh }) => isHigh) : places, lowBits, highBits]
}

/** Places of the `kept` largest magnitudes, ascending; of equal ones the first; never a zero. */
function largestOf(tile: Float32Array, kept: number): number[] {
  // Bits of floats that are not negative are in the order of the floats.
  const magnitudes = new Uint32Array(tile.length)
  magnitudes.set(new Uint32Array(tile.slice().buffer))
  for (let i = 0; i < magnitudes.length; i++) magnitudes[i] = magnitudes[i]! & ~SIGN_BIT
  const least = nthLargest(magnitudes, kept)
  let equal = kept
  for (const magnitude of magnitudes) if (magnitude > least) equal--
  const places: number[] = []
  for (let place = 0; place < magnitudes.length; place++) {
    const magnitude = magnitudes[place]!
    if (magnitude === 0 || magnitude < least) continue
    if (magnitude > least || equal-- > 0) places.push(place)
  }
  return places
}

/** The `n`th largest, counted from 1: found byte by byte, which is faster than sorting them all. */
function nthLargest(values: Uint32Array, n: number): number {
  let found = 0
  let left = n
  for (let shift = 24; shift >= 0; shift -= 8) {
    // Of those that begin like what is found, how many go on with each byte.
    const counts = new Uint32Array(256)
    const known = shift === 24 ? 0 : -1 << (shift + 8)
    for (const value of values) {
      if (((value ^ found) & known) === 0) counts[(value >>> shift) & 0xff]!++
    }
    let byte = 255
    while (counts[byte]! < left) left -= counts[byte--]!
    found |= byte << shift
  }
  return found >>> 0
}

function readTile(input: BitReader, keepPpm: number, tile: Float32Array): void {
  const kept = keptOf(tile.length, keepPpm)
  const isFull = input.read(1) === 1
  const n = isFull ? kept : input.read(widthOf(kept))
  if (!isFull && n >= kept) throw invalidUpdate(`a tile says ${n} values in the long way`)
  if (n === 0) return
  const low = input.read(SCALE_BITS)
  const high = input.read(SCALE_BITS)
  if (!isPositiveBfloat16(high) || low >= high) throw invalidUpdate('the magnitudes of a tile are not in order')
  const places = readPlaces(input, tile.length, n)
  let highs = 0
  for (const place of places) {
    const sign = input.read(1) === 1 ? -1 : 1
    const isHigh = low === 0 || input.read(1) === 1
    if (isHigh) highs++
    tile[place] = sign * bfloat16Of(isHigh ? high : low)
  }
  if (highs === 0 || (low !== 0 && highs === n)) throw invalidUpdate('a magnitude of a tile has no value')
}

function readPlaces(input: BitReader, size: number, n: number): number[] {
  const parameter = riceParameter(size, n)
  const places: number[] = []
  let next = 0
  for (let i = 0; i < n; i++) {
    const place = next + ((input.unary(size >>> parameter) << parameter) | input.read(parameter))
    if (place >= size) throw invalidUpdate('a value lies outside its tile')
    places.push(place)
    next = place + 1
  }
  return places
}

/** Bits that every n below `kept` fits into. */
function widthOf(kept: number): number {
  return 32 - Math.clz32(kept - 1)
}

/**
 * The best parameter if the n values lie anywhere (Kiely 2004, equation 8: the least p with 2^p at least ln(golden ratio)
 * times the mean distance).
 */
function riceParameter(size: number, n: number): number {
  let parameter = 0
  while ((n + 1) * 10_000 * (1 << parameter) < 4_812 * (size + 1)) parameter++
  return parameter
}
