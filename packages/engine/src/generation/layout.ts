import { Slot } from '../graph/tensor.ts'

const ALIGNMENT = 64
/** Kernels may read and write up to three values beyond the end of a vector, and read a few more. */
const SLACK = 64

/** Places one behind the other in one block: all of them are in use from the first token to the last. */
export class Layout {
  readonly #slots: { slot: Slot; offset: number }[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** A place for `count` values of four bytes. */
  take(count: number): Slot {
    const slot = new Slot(count * 4)
    this.#slots.push({ slot, offset: this.#bytes })
    this.#bytes += Math.ceil((slot.bytes + SLACK) / ALIGNMENT) * ALIGNMENT
    return slot
  }

  /** Puts the block at an address. */
  place(address: number): void {
    for (const { slot, offset } of this.#slots) slot.address = address + offset
  }
}
