// The heart of every matrix product: a 4 × 8 tile of the result is kept in eight vector registers while the
// products are added to it one after another. Each element of a result is
//
//     c = start;  for (p = 0; p < k; p++) c = c + a[p] * b[p]      (each operation rounded to float32)
//
// in exactly that order, whatever the tiling, so a plain triple loop gives the same bits.

import { scratchEdge } from './scratch'

/** What an accumulator holds before the first product. */
export const START_ZERO: i32 = 0
/** The element of C itself: the product is added to what is there. */
export const START_C: i32 = 1
/** A bias for each row of C. */
export const START_ROW_BIAS: i32 = 2
/** A bias for each column of C. */
export const START_COLUMN_BIAS: i32 = 3

export const TILE_ROWS: i32 = 4
export const TILE_COLUMNS: i32 = 8

/**
 * Computes one whole 4 × 8 tile.
 * a: packed [k][4]; b: packed [k][8]; c: top left element; stride: bytes between rows of C; bias: used as `start` says.
 */
export function tile(a: usize, b: usize, k: i32, c: usize, stride: usize, start: i32, bias: usize): void {
  const c1 = c + stride
  const c2 = c1 + stride
  const c3 = c2 + stride
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (start == START_C) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  } else if (start == START_ROW_BIAS) {
    s00 = v128.load_splat<f32>(bias)
    s01 = s00
    s10 = v128.load_splat<f32>(bias, 4)
    s11 = s10
    s20 = v128.load_splat<f32>(bias, 8)
    s21 = s20
    s30 = v128.load_splat<f32>(bias, 12)
    s31 = s30
  } else if (start == START_COLUMN_BIAS) {
    s00 = v128.load(bias)
    s01 = v128.load(bias, 16)
    s10 = s00
    s11 = s01
    s20 = s00
    s21 = s01
    s30 = s00
    s31 = s01
  }
  // Not unrolled here: V8 unrolls short loops itself, and longer ones run slower.
  const end = b + ((<usize>k) << 5)
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const a0 = v128.load_splat<f32>(a)
    const a1 = v128.load_splat<f32>(a, 4)
    const a2 = v128.load_splat<f32>(a, 8)
    const a3 = v128.load_splat<f32>(a, 12)
    s00 = f32x4.add(s00, f32x4.mul(a0, b0))
    s01 = f32x4.add(s01, f32x4.mul(a0, b1))
    s10 = f32x4.add(s10, f32x4.mul(a1, b0))
    s11 = f32x4.add(s11, f32x4.mul(a1, b1))
    s20 = f32x4.add(s20, f32x4.mul(a2, b0))
    s21 = f32x4.add(s21, f32x4.mul(a2, b1))
    s30 = f32x4.add(s30, f32x4.mul(a3, b0))
    s31 = f32x4.add(s31, f32x4.mul(a3, b1))
    a += 16
    b += 32
  }
  v128.store(c, s00)
  v128.store(c, s01, 16)
  v128.store(c1, s10)
  v128.store(c1, s11, 16)
  v128.store(c2, s20)
  v128.store(c2, s21, 16)
  v128.store(c3, s30)
  v128.store(c3, s31, 16)
}

/**
 * A tile at the rim of C, of which only `rows` × `columns` elements exist. The products of the missing ones are
 * computed beside C and thrown away. `bias` may be read up to 7 elements beyond its end.
 */
export function tileAtEdge(
  a: usize, b: usize, k: i32, c: usize, stride: usize, start: i32, bias: usize, rows: i32, columns: i32,
): void {
  if (rows >= TILE_ROWS && columns >= TILE_COLUMNS) {
    tile(a, b, k, c, stride, start, bias)
    return
  }
  if (rows > TILE_ROWS) rows = TILE_ROWS
  if (columns > TILE_COLUMNS) columns = TILE_COLUMNS
  const edge = scratchEdge()
  if (start == START_C) copyTile(c, stride, edge, 32, rows, columns)
  tile(a, b, k, edge, 32, start, bias)
  copyTile(edge, 32, c, stride, rows, columns)
}

function copyTile(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let column: usize = 0; column < <usize>columns; column++) {
      store<f32>(to + (column << 2), load<f32>(from + (column << 2)))
    }
    from += fromStride
    to += toStride
  }
}
