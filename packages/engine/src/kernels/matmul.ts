import { START_C, TILE_COLUMNS, TILE_ROWS, tileAtEdge } from './tile'
import { interleave4, strip } from './pack'
import { scratchA, scratchB } from './scratch'

// One block of A, and two strips of B, stay in the caches. Sizes change no bits.
const MC: i32 = 256
/** Strips of B that are packed together: the panel of A in the first-level cache serves them all. */
const STRIPS: i32 = 2
const KC: i32 = 512

/**
 * C[m, n] = start + A · B, float32, row-major.
 * A is stored [m, k], or [k, m] when transposeA is not 0; B is stored [k, n], or [n, k] when transposeB is not 0.
 * start, bias: as in tile.ts. The bias of the columns may be read up to 7 elements beyond its end.
 * rowsA, columnsB, columnsC: where the operands are parts of larger matrices, how many rows a transposed A has in whole, and
 * how many columns B, if not transposed, and C; 0: they are no parts.
 */
export function matmul(
  a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, transposeA: i32, transposeB: i32, start: i32, bias: usize,
  rowsA: i32, columnsB: i32, columnsC: i32,
): void {
  const strideA = (<usize>(transposeA ? rowsA || m : k)) << 2
  const strideB = (<usize>(transposeB ? k : columnsB || n)) << 2
  const strideC = (<usize>(columnsC || n)) << 2
  const panelsA = scratchA()
  const panelsB = scratchB()
  for (let p = 0; p < k; p += KC) {
    const depth = min(KC, k - p)
    // Later blocks of k go on from the sums in C: the order of the additions stays that of k.
    const begin = p == 0 ? start : START_C
    for (let top = 0; top < m; top += MC) {
      const height = min(MC, m - top)
      packA(a, strideA, transposeA, top, height, p, depth, panelsA)
      for (let left = 0; left < n; left += STRIPS * TILE_COLUMNS) {
        const right = min(left + STRIPS * TILE_COLUMNS, n)
        let panel = panelsB
        for (let column = left; column < right; column += TILE_COLUMNS) {
          packB(b, strideB, transposeB, column, n - column, p, depth, panel)
          panel += (<usize>depth) << 5
        }
        for (let row = 0; row < height; row += TILE_ROWS) {
          const i = top + row
          panel = panelsB
          for (let column = left; column < right; column += TILE_COLUMNS) {
            tileAtEdge(
              panelsA + (<usize>(row * depth) << 2), panel, depth,
              c + <usize>i * strideC + ((<usize>column) << 2), strideC, begin,
              begin == 2 ? bias + ((<usize>i) << 2) : bias + ((<usize>column) << 2),
              m - i, n - column,
            )
            panel += (<usize>depth) << 5
          }
        }
      }
    }
  }
}

function packA(a: usize, stride: usize, transposed: i32, top: i32, height: i32, p: i32, depth: i32, panels: usize): void {
  for (let row = 0; row < height; row += TILE_ROWS) {
    const to = panels + ((<usize>(row * depth)) << 2)
    const i = <usize>(top + row)
    if (transposed) strip(a + <usize>p * stride + (i << 2), stride, height - row, 4, depth, to)
    else interleave4(a + i * stride + ((<usize>p) << 2), stride, height - row, depth, to, 16)
  }
}

function packB(b: usize, stride: usize, transposed: i32, column: i32, columns: i32, p: i32, depth: i32, panel: usize): void {
  if (!transposed) {
    strip(b + <usize>p * stride + ((<usize>column) << 2), stride, columns, 8, depth, panel)
    return
  }
  const from = b + <usize>column * stride + ((<usize>p) << 2)
  interleave4(from, stride, columns, depth, panel, 32)
  interleave4(from + (stride << 2), stride, columns - 4, depth, panel + 16, 32)
}
