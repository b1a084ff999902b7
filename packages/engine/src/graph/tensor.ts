import type { Address } from '../wasm.ts'

/**
 * A place in a plan's block, alive from its first use to its last; places whose lives do not overlap may share memory.
 * `address` is set when the block is placed.
 */
export class Slot {
  address: Address = 0
  readonly bytes: number
  first = Number.POSITIVE_INFINITY
  last = Number.NEGATIVE_INFINITY

  constructor(bytes: number) {
    this.bytes = bytes
  }

  /** Something reads or writes the slot at this time of the schedule. */
  use(time: number): void {
    this.first = Math.min(this.first, time)
    this.last = Math.max(this.last, time)
  }
}

/** The values of a batch between two nodes of the graph. */
export interface Tensor {
  readonly slot: Slot
  /** Values of one sample. */
  readonly elements: number
  /** Something before it is trained, so its gradient is wanted. */
  readonly trained: boolean
  /** A node may overwrite the values: it alone reads them, and their maker does not look at them again. */
  readonly free: boolean
}
