// One token at a time: products of one row, and attention of one query over the keys and values of all places so far. Every
// sum is the chain that matmul.ts and attention.ts make of the same numbers, so the bits are theirs.
import { softmaxRow } from './attention'

/** Columns of a panel of weights: eight vectors of sums are kept in registers. */
const PANEL_COLUMNS: i32 = 32

/**
 * y[n] = bias[n] + the sum over k of x[k] · W[k, n], k in ascending order, for `units` rounded up to panels of 32 columns.
 * panels: [ceil(units / 32)][inputs][32], zeros behind the last column; bias and y have room for whole panels.
 */
export function decodeLinear(x: usize, panels: usize, bias: usize, y: usize, inputs: i32, units: i32): void {
  const bytes = (<usize>inputs) << 7
  const end = x + ((<usize>inputs) << 2)
  for (let column = 0; column < units; column += PANEL_COLUMNS) {
    let s0 = v128.load(bias)
    let s1 = v128.load(bias, 16)
    let s2 = v128.load(bias, 32)
    let s3 = v128.load(bias, 48)
    let s4 = v128.load(bias, 64)
    let s5 = v128.load(bias, 80)
    let s6 = v128.load(bias, 96)
    let s7 = v128.load(bias, 112)
    let row = panels
    for (let at = x; at < end; at += 4) {
      const factor = v128.load_splat<f32>(at)
      s0 = f32x4.add(s0, f32x4.mul(factor, v128.load(row)))
      s1 = f32x4.add(s1, f32x4.mul(factor, v128.load(row, 16)))
      s2 = f32x4.add(s2, f32x4.mul(factor, v128.load(row, 32)))
      s3 = f32x4.add(s3, f32x4.mul(factor, v128.load(row, 48)))
      s4 = f32x4.add(s4, f32x4.mul(factor, v128.load(row, 64)))
      s5 = f32x4.add(s5, f32x4.mul(factor, v128.load(row, 80)))
      s6 = f32x4.add(s6, f32x4.mul(factor, v128.load(row, 96)))
      s7 = f32x4.add(s7, f32x4.mul(factor, v128.load(row, 112)))
      row += 128
    }
    v128.store(y, s0)
    v128.store(y, s1, 16)
    v128.store(y, s2, 32)
    v128.store(y, s3, 48)
    v128.store(y, s4, 64)
    v128.store(y, s5, 80)
    v128.store(y, s6, 96)
    v128.store(y, s7, 112)
    panels += bytes
    bias += 128
    y += 128
  }
}

/** to[column] = the sum over k < depth of x[k] · rows[k][column], four columns at a time. */
// @ts-ignore: decorator
@inline
function rowTimes(x: usize, rows: usize, stride: usize, depth: i32, columns: i32, to: usize): void {
  const end = x + ((<usize>depth) << 2)
  let column = 0
  for (; column + 12 < columns; column += 16) {
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    let row = rows + ((<usize>column) << 2)
    for (let at = x; at < end; at += 4) {
      const factor = v128.load_splat<f32>(at)
      a = f32x4.add(a, f32x4.mul(factor, v128.load(row)))
      b = f32x4.add(b, f32x4.mul(factor, v128.load(row, 16)))
      c = f32x4.add(c, f32x4.mul(factor, v128.load(row, 32)))
      d = f32x4.add(d, f32x4.mul(factor, v128.load(row, 48)))
      row += stride
    }
    const target = to + ((<usize>column) << 2)
    v128.store(target, a)
    v128.store(target, b, 16)
    v128.store(target, c, 32)
    v128.store(target, d, 48)
  }
  for (; column < columns; column += 4) {
    let sum = f32x4.splat(0)
    let row = rows + ((<usize>column) << 2)
    for (let at = x; at < end; at += 4) {
      sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(at), v128.load(row)))
      row += stride
    }
    v128.store(to + ((<usize>column) << 2), sum)
  }
}

/**
 * Takes the keys and values of place `place` into the caches and writes what its query finds in the places up to it:
 * out [heads · size], as `attention` gives it for that place.
 * qkv: [3 · heads · size]. keys: [heads][size][context], values: [heads][context][size], context and size rounded up to
 * multiples of four, the rest of a row of values zero. weights: room for a row of context. out: room for three values more.
 */
export function decodeAttention(
  qkv: usize, keys: usize, values: usize, weights: usize, out: usize, place: i32, context: i32, heads: i32, size: i32,
  scale: f32,
): void {
  const width = (<usize>(heads * size)) << 2
  const keyStride = (<usize>((context + 3) & ~3)) << 2
  const valueStride = (<usize>((size + 3) & ~3)) << 2
  const row = (<usize>size) << 2
  const count = place + 1
  for (let head = 0; head < heads; head++) {
    let key = keys + ((<usize>place) << 2)
    const value = values + <usize>place * valueStride
    for (let at: usize = 0; at < row; at += 4) {
      store<f32>(key, load<f32>(qkv + width + at))
      store<f32>(value + at, load<f32>(qkv + 2 * width + at))
      key += keyStride
    }
    rowTimes(qkv, keys, keyStride, size, count, weights)
    softmaxRow(weights, count, scale)
    // What is written beyond this head is the next one's, which comes after.
    rowTimes(weights, values, valueStride, count, size, out)
    keys += <usize>size * keyStride
    values += <usize>context * valueStride
    qkv += row
    out += row
  }
}
