/**
 * A binary heap that knows where each of its items stands, so that one whose rank has changed is put right in
 * logarithmic time. `before(a, b)`: whether `a` comes out first; it must be a strict total order.
 */
export class IndexedHeap<T> {
  readonly #before: (a: T, b: T) => boolean
  readonly #items: T[]
  readonly #at = new Map<T, number>()

  /** Takes `items` in linear time. */
  constructor(before: (a: T, b: T) => boolean, items: readonly T[] = []) {
    this.#before = before
    this.#items = [...items]
    this.#items.forEach((item, i) => {
      this.#at.set(item, i)
    })
    for (let i = (this.#items.length >> 1) - 1; i >= 0; i--) this.#sink(i)
  }

  get size(): number {
    return this.#items.length
  }

  /** The item that comes before all others. */
  get first(): T | undefined {
    return this.#items[0]
  }

  /** Puts a new item in, or one whose rank has changed right. */
  place(item: T): void {
    let at = this.#at.get(item)
    if (at === undefined) {
      at = this.#items.push(item) - 1
      this.#at.set(item, at)
    }
    this.#sink(this.#rise(at))
  }

  remove(item: T): void {
    const at = this.#at.get(item)
    if (at === undefined) return
    this.#at.delete(item)
    const last = this.#items.pop()!
    if (last === item) return
    this.#put(last, at)
    this.#sink(this.#rise(at))
  }

  #put(item: T, at: number): void {
    this.#items[at] = item
    this.#at.set(item, at)
  }

  #rise(at: number): number {
    const item = this.#items[at]!
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#before(item, this.#items[above]!)) break
      this.#put(this.#items[above]!, at)
      at = above
    }
    this.#put(item, at)
    return at
  }

  #sink(at: number): void {
    const item = this.#items[at]!
    for (;;) {
      let below = 2 * at + 1
      if (below >= this.#items.length) break
      const right = this.#items[below + 1]
      if (right !== undefined && this.#before(right, this.#items[below]!)) below++
      if (!this.#before(this.#items[below]!, item)) break
      this.#put(this.#items[below]!, at)
      at = below
    }
    this.#put(item, at)
  }
}
