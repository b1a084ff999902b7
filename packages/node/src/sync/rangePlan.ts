import type { BlockEntry } from './protocols.ts'

/** Heights that are asked for together. */
export interface Range {
  readonly from: number
  /** The last height, itself in the range. */
  readonly to: number
  answer: { readonly peer: string; readonly entries: readonly BlockEntry[]; readonly bytes: number } | null
}

export interface PlanLimits {
  readonly rangeBlocks: number
  readonly maxRanges: number
  /** No further range is planned while as much waits to be applied. */
  readonly maxBytes: number
}

/** The next heights of a sync as consecutive ranges, answered in any order and taken in theirs. */
export class RangePlan {
  readonly #limits: PlanLimits
  readonly #ranges: Range[] = []
  #next: number

  /** `next`: the first height that is wanted. */
  constructor(next: number, limits: PlanLimits) {
    this.#next = next
    this.#limits = limits
  }

  get ranges(): readonly Range[] {
    return this.#ranges
  }

  get head(): Range | undefined {
    return this.#ranges[0]
  }

  has(range: Range): boolean {
    return this.#ranges.includes(range)
  }

  /** Plans up to height `target`, as far as the limits allow. */
  extend(target: number): void {
    const { rangeBlocks, maxRanges, maxBytes } = this.#limits
    const waiting = this.#ranges.reduce((sum, { answer }) => sum + (answer?.bytes ?? 0), 0)
    if (waiting >= maxBytes) return
    while (this.#next <= target && this.#ranges.length < maxRanges) {
      const to = Math.min(target, this.#next + rangeBlocks - 1)
      this.#ranges.push({ from: this.#next, to, answer: null })
      this.#next = to + 1
    }
  }

  /** Height `height` is reached: what is not beyond it is not wanted any more. */
  reached(height: number): void {
    while (this.#ranges[0] && this.#ranges[0].to <= height) this.#ranges.shift()
    this.#next = Math.max(this.#next, height + 1)
  }

  /** The range holds these blocks from its first height on; what they leave over becomes a range of its own. */
  answer(range: Range, peer: string, entries: readonly BlockEntry[]): void {
    const at = this.#ranges.indexOf(range)
    const end = Math.min(range.to, range.from + entries.length - 1)
    const bytes = entries.reduce((sum, { block, commit }) => sum + block.length + commit.length, 0)
    const answered = { from: range.from, to: end, answer: { peer, entries, bytes } }
    const rest = end < range.to ? [{ from: end + 1, to: range.to, answer: null }] : []
    this.#ranges.splice(at, 1, answered, ...rest)
  }

  /** Nothing that came from this peer counts any more; its ranges are open again, the head from height `from` on. */
  forget(peer: string, from: number): void {
    for (const [i, range] of this.#ranges.entries()) {
      if (range.answer?.peer !== peer) continue
      this.#ranges[i] = { from: i === 0 ? Math.max(from, range.from) : range.from, to: range.to, answer: null }
    }
  }
}
