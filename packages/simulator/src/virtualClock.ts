import type { Clock } from '@hydraai/core'

/** So often the event loop goes round in earnest: for signals, and for messages from other processes. */
const TURNS_A_LOOP = 512

interface Timer {
  readonly at: number
  readonly order: number
  run: (() => void) | null
}

/** A clock that moves only from timer to timer: by time, then in the order they were set. */
export class VirtualClock implements Clock {
  readonly #heap: Timer[] = []
  #now: number
  #order = 0
  #turns = 0

  constructor(start: number) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, run }
    this.#push(timer)
    return () => {
      timer.run = null
    }
  }

  /** Runs every timer due until `until`, and after each all promises that follow from it. */
  async advanceTo(until: number): Promise<void> {
    await this.#settled()
    for (let timer = this.#heap[0]; timer && timer.at <= until; timer = this.#heap[0]) {
      this.#pop()
      if (!timer.run) continue
      this.#now = timer.at
      timer.run()
      await this.#settled()
    }
    this.#now = until
  }

  /** After every promise that can settle without a timer: a tick comes only once the job queue is empty. */
  #settled(): Promise<void> {
    return new Promise(resolve => {
      if (++this.#turns % TURNS_A_LOOP === 0) setImmediate(resolve)
      else process.nextTick(resolve)
    })
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    heap.push(timer)
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1
      if (!before(heap[i]!, heap[parent]!)) return
      swap(heap, i, parent)
      i = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    heap[0] = last
    for (let i = 0; ; ) {
      const left = 2 * i + 1
      if (left >= heap.length) return
      const right = left + 1
      const child = right < heap.length && before(heap[right]!, heap[left]!) ? right : left
      if (!before(heap[child]!, heap[i]!)) return
      swap(heap, i, child)
      i = child
    }
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function swap(heap: Timer[], i: number, j: number): void {
  const held = heap[i]!
  heap[i] = heap[j]!
  heap[j] = held
}
