/** Items from `from` to before `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Cuts 0 to `count` into at most `parts` ranges of about equal length that begin at multiples of `unit`. */
export function rangesOf(count: number, parts: number, unit: number): Range[] {
  const units = Math.ceil(count / unit)
  const wanted = Math.max(1, Math.min(parts, units))
  const ranges: Range[] = []
  let from = 0
  for (let part = 1; part <= wanted; part++) {
    const to = Math.min(count, Math.floor((units * part) / wanted) * unit)
    ranges.push({ from, to })
    from = to
  }
  return ranges
}
