// Memory that kernels use between their first line and their last. It begins at an address of the instance: instances that
// share one memory and run at the same time are given room of their own each.

const PANELS_A_BYTES: usize = 524288
const PANELS_B_BYTES: usize = 32768
/** A tile at the rim of a result, 4 × 8. */
const EDGE_BYTES: usize = 128
/** One vector. */
const WORD_BYTES: usize = 64
const BYTES: usize = PANELS_A_BYTES + PANELS_B_BYTES + EDGE_BYTES + WORD_BYTES

let base: usize = memory.data(557248, 64)

/** How much room an instance needs. */
export function scratchBytes(): usize {
  return BYTES
}

/** From now on this instance's kernels use the `scratchBytes` from `address` on, a multiple of 64. */
export function useScratch(address: usize): void {
  base = address
}

/** Packed rows of A. */
// @ts-ignore: decorator
@inline
export function scratchA(): usize {
  return base
}

/** Packed columns of B. */
// @ts-ignore: decorator
@inline
export function scratchB(): usize {
  return base + PANELS_A_BYTES
}

// @ts-ignore: decorator
@inline
export function scratchEdge(): usize {
  return base + PANELS_A_BYTES + PANELS_B_BYTES
}

// @ts-ignore: decorator
@inline
export function scratchWord(): usize {
  return base + PANELS_A_BYTES + PANELS_B_BYTES + EDGE_BYTES
}
