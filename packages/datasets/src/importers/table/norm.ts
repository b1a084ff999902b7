/** How a column of numbers becomes one with mean 0 and deviation 1 over the training part. */
export interface Norm {
  readonly mean: number
  readonly deviation: number
  /** The normalised value; 0, the mean, for a value that is missing. */
  apply(value: number): number
  /** As a formula over the name of a column. */
  describe(column: string): string
}

/** Over the rows given; missing values (NaN) do not count. A column without any deviation is only shifted. */
export function normOf(rows: readonly number[], valueAt: (row: number) => number): Norm {
  // Welford (1962): stable for values far from zero.
  let [count, mean, squares] = [0, 0, 0]
  for (const row of rows) {
    const value = valueAt(row)
    if (Number.isNaN(value)) continue
    count++
    const delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
  }
  const spread = count === 0 ? 0 : Math.sqrt(squares / count)
  const deviation = spread > 0 ? spread : 1
  return {
    mean,
    deviation,
    apply: value => (Number.isNaN(value) ? 0 : (value - mean) / deviation),
    describe: column => `(${column} - ${mean}) / ${deviation}`,
  }
}
