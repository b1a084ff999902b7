// Packing: operands are copied into panels that the tile kernel reads from end to end. Copies round nothing.

/** Four vectors a, b, c, d as rows become columns at `to`, `to + stride`, ... */
// @ts-ignore: decorator
@inline
export function storeTransposed(a: v128, b: v128, c: v128, d: v128, to: usize, stride: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<i64>(ab0, cd0, 0, 2))
  v128.store(to + stride, v128.shuffle<i64>(ab0, cd0, 1, 3))
  v128.store(to + stride * 2, v128.shuffle<i64>(ab1, cd1, 0, 2))
  v128.store(to + stride * 3, v128.shuffle<i64>(ab1, cd1, 1, 3))
}

/**
 * Interleaves up to four rows: to[p][j] = row j, element p, for p < k.
 * rowStride, panelStride: bytes between rows of the source, and between p and p + 1 in the panel. Missing rows become zeros.
 */
export function interleave4(from: usize, rowStride: usize, rows: i32, k: i32, to: usize, panelStride: usize): void {
  if (rows >= 4) {
    let r0 = from
    let r1 = r0 + rowStride
    let r2 = r1 + rowStride
    let r3 = r2 + rowStride
    let p = 0
    for (; p + 4 <= k; p += 4) {
      storeTransposed(v128.load(r0), v128.load(r1), v128.load(r2), v128.load(r3), to, panelStride)
      r0 += 16
      r1 += 16
      r2 += 16
      r3 += 16
      to += panelStride << 2
    }
    for (; p < k; p++) {
      store<f32>(to, load<f32>(r0))
      store<f32>(to, load<f32>(r1), 4)
      store<f32>(to, load<f32>(r2), 8)
      store<f32>(to, load<f32>(r3), 12)
      r0 += 4
      r1 += 4
      r2 += 4
      r3 += 4
      to += panelStride
    }
    return
  }
  for (let p = 0; p < k; p++) {
    for (let row = 0; row < 4; row++) {
      const value: f32 = row < rows ? load<f32>(from + <usize>row * rowStride + ((<usize>p) << 2)) : 0
      store<f32>(to + ((<usize>row) << 2), value)
    }
    to += panelStride
  }
}

/** Cuts a strip of `width` (4 or 8) columns out of a row-major matrix: to[p][j] = from[p][j]. Missing columns become zeros. */
export function strip(from: usize, rowStride: usize, columns: i32, width: i32, k: i32, to: usize): void {
  if (columns >= width) {
    if (width == 8) {
      for (let p = 0; p < k; p++) {
        v128.store(to, v128.load(from))
        v128.store(to, v128.load(from, 16), 16)
        from += rowStride
        to += 32
      }
    } else {
      for (let p = 0; p < k; p++) {
        v128.store(to, v128.load(from))
        from += rowStride
        to += 16
      }
    }
    return
  }
  for (let p = 0; p < k; p++) {
    for (let column = 0; column < width; column++) {
      const value: f32 = column < columns ? load<f32>(from + ((<usize>column) << 2)) : 0
      store<f32>(to + ((<usize>column) << 2), value)
    }
    from += rowStride
    to += (<usize>width) << 2
  }
}
