/** One measured number beside what it is held against. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Null: there is none, the number is told as it is. */
  readonly goal: { readonly atLeast: number } | { readonly atMost: number } | null
  /** What else helps to judge the number, in words. */
  readonly note: string
}

export interface BenchOptions {
  /** Smaller and shorter: whether everything works, not how fast. */
  readonly quick: boolean
  readonly say: (what: string) => void
}

export type Measurement = (options: BenchOptions) => Promise<Figure[]>

export function isMet({ value, goal }: Figure): boolean {
  if (goal === null) return true
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost
}

/** The value below which a share of them lies; the middle for 0.5. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)
