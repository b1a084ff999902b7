import type { Slot } from './tensor.ts'

const ALIGNMENT = 64
const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/** Where each slot lies in a block, and how large the block is. */
export interface Placement {
  readonly offsets: ReadonlyMap<Slot, number>
  readonly bytes: number
}

/**
 * Gives each slot a place so that slots alive at the same time do not overlap: the largest first, each as low as it fits
 * (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020). Slots never used get none.
 */
export function placeSlots(slots: readonly Slot[]): Placement {
  const offsets = new Map<Slot, number>()
  // Ascending by offset.
  const placed: { slot: Slot; start: number; end: number }[] = []
  let bytes = 0
  const used = slots.filter(slot => slot.first <= slot.last)
  for (const slot of used.toSorted((a, b) => b.bytes - a.bytes)) {
    const size = align(Math.max(slot.bytes, 1))
    let start = 0
    for (const other of placed) {
      if (other.slot.last < slot.first || other.slot.first > slot.last) continue
      if (start + size <= other.start) break
      start = Math.max(start, other.end)
    }
    offsets.set(slot, start)
    const index = placed.findIndex(other => other.start > start)
    placed.splice(index < 0 ? placed.length : index, 0, { slot, start, end: start + size })
    bytes = Math.max(bytes, start + size)
  }
  return { offsets, bytes }
}
