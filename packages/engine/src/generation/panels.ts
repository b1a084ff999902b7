/** Columns of a panel of weights, as in kernels/decode.ts. */
const PANEL_COLUMNS = 32

/** Columns with those that fill the last panel. */
export const wholePanels = (columns: number): number => Math.ceil(columns / PANEL_COLUMNS) * PANEL_COLUMNS

/**
 * Packs a matrix as [ceil(columns / 32)][rows][32] to `to[at…]`, which is zero there.
 * `from`: [rows, columns], or [columns, rows] where it is `transposed`.
 */
export function packPanels(
  from: Float32Array,
  rows: number,
  columns: number,
  transposed: boolean,
  to: Float32Array,
  at: number,
): void {
  for (let left = 0; left < columns; left += PANEL_COLUMNS) {
    const width = Math.min(PANEL_COLUMNS, columns - left)
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < width; i++) {
        const column = left + i
        to[at + i] = from[transposed ? column * rows + row : row * columns + column]!
      }
      at += PANEL_COLUMNS
    }
  }
}
