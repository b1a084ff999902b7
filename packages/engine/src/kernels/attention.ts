// Causal multi-head attention (Vaswani et al., 2017). qkv is [batch, context, 3 · width]: queries, keys and values, each
// [heads, size] with width = heads · size. For every image of a batch and head, with Q, K, V [context, size]:
//
//     S = scale · Q · Kᵀ for j <= i;   P = softmax of the rows of S;   O = P · V
//
// Every product is a chain as in tile.ts: over size for S, over j = 0, 1, 2, … for O, over i = j, j + 1, … for the gradients
// of keys and values. What the mask leaves out is zero in P, and adding zero changes nothing, so tiles may begin and end
// at a multiple of four. A row of P is exp(scale · s - greatest) divided by its sum, which adds element j to partial sum
// j mod 4, then pairwise.
import { interleave4, strip } from './pack'
import { scratchWord } from './scratch'
import { START_ZERO, TILE_COLUMNS, TILE_ROWS, tileAtEdge } from './tile'
import { exp4, sum4 } from './vector'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return (<usize>count) << 2
}

/** panels [ceil(rows / 4)][depth][4] of rows. */
function packRows(from: usize, stride: usize, rows: i32, depth: i32, to: usize): void {
  for (let row = 0; row < rows; row += TILE_ROWS) {
    interleave4(from + <usize>row * stride, stride, rows - row, depth, to, 16)
    to += floats(depth) << 2
  }
}

/** panels [ceil(rows / 8)][depth][8] of rows. */
function packRows8(from: usize, stride: usize, rows: i32, depth: i32, to: usize): void {
  for (let row = 0; row < rows; row += TILE_COLUMNS) {
    const at = from + <usize>row * stride
    interleave4(at, stride, rows - row, depth, to, 32)
    interleave4(at + (stride << 2), stride, rows - row - 4, depth, to + 16, 32)
    to += floats(depth) << 3
  }
}

/** panels [ceil(columns / 8)][rows][8] of columns. */
function packColumns8(from: usize, stride: usize, rows: i32, columns: i32, to: usize): void {
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    strip(from + floats(column), stride, columns - column, 8, rows, to)
    to += floats(rows) << 3
  }
}

/** C[i, j] = A[i] · B[j] for the tiles that hold some j <= i. */
function lowerProduct(a: usize, b: usize, depth: i32, c: usize, context: i32): void {
  const stride = floats(context)
  for (let i = 0; i < context; i += TILE_ROWS) {
    const last = min(i + TILE_ROWS, context)
    for (let j = 0; j < last; j += TILE_COLUMNS) {
      tileAtEdge(
        a + floats(i * depth), b + floats(j * depth), depth, c + <usize>i * stride + floats(j), stride, START_ZERO, 0,
        context - i, context - j,
      )
    }
  }
}

/** C[i] = sum over j <= i of M[i, j] · B[j], M lower triangular [context, context], zero above; B packed in columns of 8. */
function lowerTimes(m: usize, b: usize, context: i32, size: i32, c: usize, strideC: usize, panel: usize): void {
  const stride = floats(context)
  for (let i = 0; i < context; i += TILE_ROWS) {
    const depth = min(i + TILE_ROWS, context)
    interleave4(m + <usize>i * stride, stride, context - i, depth, panel, 16)
    for (let column = 0; column < size; column += TILE_COLUMNS) {
      tileAtEdge(
        panel, b + floats(column * context), depth, c + <usize>i * strideC + floats(column), strideC, START_ZERO, 0,
        context - i, size - column,
      )
    }
  }
}

/** C[j] = sum over i >= j of M[i, j] · B[i]. */
function lowerTransposedTimes(m: usize, b: usize, context: i32, size: i32, c: usize, strideC: usize, panel: usize): void {
  const stride = floats(context)
  for (let j = 0; j < context; j += TILE_ROWS) {
    const depth = context - j
    strip(m + <usize>j * stride + floats(j), stride, context - j, 4, depth, panel)
    for (let column = 0; column < size; column += TILE_COLUMNS) {
      tileAtEdge(
        panel, b + floats(column * context) + (floats(j) << 3), depth, c + <usize>j * strideC + floats(column), strideC,
        START_ZERO, 0, context - j, size - column,
      )
    }
  }
}

/** Zeros right of the diagonal as far as tiles may look. */
// @ts-ignore: decorator
@inline
function clearRight(row: usize, i: i32, context: i32): void {
  const end = min((i | 7) + 1, context)
  for (let j = i + 1; j < end; j++) store<f32>(row + floats(j), 0)
}

/** The last one to four values of a row as a vector, `filler` behind them. */
// @ts-ignore: decorator
@inline
function tailOf(from: usize, count: i32, filler: f32): v128 {
  const lane = scratchWord()
  v128.store(lane, f32x4.splat(filler))
  for (let i = 0; i < count; i++) store<f32>(lane + floats(i), load<f32>(from + floats(i)))
  return v128.load(lane)
}

// @ts-ignore: decorator
@inline
function storeTail(values: v128, to: usize, count: i32): void {
  const lane = scratchWord()
  v128.store(lane, values)
  for (let i = 0; i < count; i++) store<f32>(to + floats(i), load<f32>(lane + floats(i)))
}

/** Softmax of scale · s over the first `count` values of a row, in place. */
export function softmaxRow(row: usize, count: i32, scale: f32): void {
  const whole = row + floats(count & ~3)
  const rest = count & 3
  let greatest4 = f32x4.splat(-Infinity)
  for (let at = row; at < whole; at += 16) greatest4 = f32x4.pmax(greatest4, v128.load(at))
  if (rest) greatest4 = f32x4.pmax(greatest4, tailOf(whole, rest, -Infinity))
  const greatest = max(
    max(f32x4.extract_lane(greatest4, 0), f32x4.extract_lane(greatest4, 1)),
    max(f32x4.extract_lane(greatest4, 2), f32x4.extract_lane(greatest4, 3)),
  )
  const top = f32x4.splat(greatest)
  const scales = f32x4.splat(scale)
  let sums = f32x4.splat(0)
  for (let at = row; at < whole; at += 16) {
    const power = exp4(f32x4.mul(scales, f32x4.sub(v128.load(at), top)))
    v128.store(at, power)
    sums = f32x4.add(sums, power)
  }
  if (rest) {
    const power = exp4(f32x4.mul(scales, f32x4.sub(tailOf(whole, rest, -Infinity), top)))
    storeTail(power, whole, rest)
    sums = f32x4.add(sums, power)
  }
  const inverse = <f32>1 / sum4(sums)
  const inverses = f32x4.splat(inverse)
  for (let at = row; at < whole; at += 16) v128.store(at, f32x4.mul(v128.load(at), inverses))
  for (let i = 0; i < rest; i++) store<f32>(whole + floats(i), load<f32>(whole + floats(i)) * inverse)
}

/** dS = scale · P · (dP - sum of P · dP) over the first `count` values of a row, in place of dP. */
export function softmaxRowBackward(p: usize, dp: usize, count: i32, scale: f32): void {
  const bytes = floats(count & ~3)
  const rest = count & 3
  let sums = f32x4.splat(0)
  for (let at: usize = 0; at < bytes; at += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(p + at), v128.load(dp + at)))
  if (rest) sums = f32x4.add(sums, f32x4.mul(tailOf(p + bytes, rest, 0), tailOf(dp + bytes, rest, 0)))
  const sum = sum4(sums)
  const mean = f32x4.splat(sum)
  const scales = f32x4.splat(scale)
  for (let at: usize = 0; at < bytes; at += 16) {
    const part = f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(dp + at), mean))
    v128.store(dp + at, f32x4.mul(part, scales))
  }
  for (let i = 0; i < rest; i++) {
    const at = bytes + floats(i)
    store<f32>(dp + at, load<f32>(p + at) * (load<f32>(dp + at) - sum) * scale)
  }
}

/**
 * out[batch, context, width]. p: [batch, heads, context, context], kept for the gradient.
 * a, b: room for (context + 8) · (size + 8) floats each.
 */
export function attention(
  qkv: usize, p: usize, out: usize, batch: i32, context: i32, heads: i32, size: i32, scale: f32, a: usize, b: usize,
): void {
  const width = heads * size
  const stride = floats(3 * width)
  const strideOut = floats(width)
  for (let image = 0; image < batch; image++) {
    for (let head = 0; head < heads; head++) {
      const q = qkv + floats(head * size)
      packRows(q, stride, context, size, a)
      packRows8(q + floats(width), stride, context, size, b)
      lowerProduct(a, b, size, p, context)
      for (let i = 0; i < context; i++) {
        const row = p + floats(i * context)
        softmaxRow(row, i + 1, scale)
        clearRight(row, i, context)
      }
      packColumns8(q + floats(2 * width), stride, context, size, b)
      lowerTimes(p, b, context, size, out + floats(head * size), strideOut, a)
      p += floats(context * context)
    }
    qkv += <usize>context * stride
    out += <usize>context * strideOut
  }
}

/** The gradient of qkv. dp: room for context · context floats; a, b as in attention. */
export function attentionBackward(
  qkv: usize, p: usize, dout: usize, dqkv: usize, batch: i32, context: i32, heads: i32, size: i32, scale: f32,
  dp: usize, a: usize, b: usize,
): void {
  const width = heads * size
  const stride = floats(3 * width)
  const strideOut = floats(width)
  for (let image = 0; image < batch; image++) {
    for (let head = 0; head < heads; head++) {
      const at = floats(head * size)
      const q = qkv + at
      const k = q + floats(width)
      const v = k + floats(width)
      const d = dout + at
      const dq = dqkv + at
      packColumns8(d, strideOut, context, size, b)
      lowerTransposedTimes(p, b, context, size, dq + floats(2 * width), stride, a)
      packRows(d, strideOut, context, size, a)
      packRows8(v, stride, context, size, b)
      lowerProduct(a, b, size, dp, context)
      for (let i = 0; i < context; i++) {
        const row = floats(i * context)
        softmaxRowBackward(p + row, dp + row, i + 1, scale)
        clearRight(dp + row, i, context)
      }
      packColumns8(k, stride, context, size, b)
      lowerTimes(dp, b, context, size, dq, stride, a)
      packColumns8(q, stride, context, size, b)
      lowerTransposedTimes(dp, b, context, size, dq + floats(width), stride, a)
      p += floats(context * context)
    }
    qkv += <usize>context * stride
    dqkv += <usize>context * stride
    dout += <usize>context * strideOut
  }
}
