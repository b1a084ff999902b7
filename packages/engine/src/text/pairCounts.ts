/**
 * How often each pair stands in the words, and which is the most frequent: the greatest count, among equals the smallest key.
 * After the pair is offered its count only falls. The heap may hold what it was; that is put right when the pair comes up.
 */
export class PairCounts {
  readonly #counts = new Map<number, number>()
  readonly #heap: { key: number; count: number }[] = []

  add(key: number, change: number): void {
    const count = (this.#counts.get(key) ?? 0) + change
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
  }

  /** From now on the pair is among those that `takeTop` chooses from. Once a pair. */
  offer(key: number): void {
    this.#push({ key, count: this.#counts.get(key) ?? 0 })
  }

  /** The most frequent pair, which is offered no longer; null when every count is below `least`. */
  takeTop(least: number): number | null {
    for (;;) {
      const top = this.#heap[0]
      if (top === undefined || top.count < least) return null
      this.#pop()
      const count = this.#counts.get(top.key) ?? 0
      if (count === top.count) return top.key
      if (count >= least) this.#push({ key: top.key, count })
    }
  }

  #push(entry: { key: number; count: number }): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: { key: number; count: number }, b: { key: number; count: number }): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key)
}
