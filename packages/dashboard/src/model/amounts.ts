/** Amounts of HYDRA are decimal text on the wire and integers of 10⁻⁶ HYDRA here; no float ever touches money. */
export type Micro = bigint

const DECIMALS = 6
export const MICRO = 1_000_000n

/** `"+1.5"` → 1_500_000n. Null when the text is not a decimal of at most six places. */
export function microOf(text: string): Micro | null {
  const found = /^([+-]?)(\d{1,24})(?:\.(\d{1,6}))?$/.exec(text)
  if (!found) return null
  const [, sign, whole = '0', fraction = ''] = found
  const micro = BigInt(whole) * MICRO + BigInt(fraction.padEnd(DECIMALS, '0'))
  return sign === '-' ? -micro : micro
}

/** 1_234_500_000n → `1,234.5`; at least one decimal, so that a column of amounts reads as money. */
export function showMicro(micro: Micro, { signed = false } = {}): string {
  const size = micro < 0n ? -micro : micro
  const fraction = (size % MICRO).toString().padStart(DECIMALS, '0').replace(/0+$/, '') || '0'
  const sign = micro < 0n ? '−' : signed ? '+' : ''
  return `${sign}${groupDigits((size / MICRO).toString())}.${fraction}`
}

/** An amount as the API gave it, for people. Text that is no amount is shown as it came. */
export function showAmount(text: string, options?: { signed?: boolean }): string {
  const micro = microOf(text)
  return micro === null ? text : showMicro(micro, options)
}

/** `1247` → `1,247`, whatever the machine's language: a block has one name everywhere. */
export function groupDigits(digits: string | number): string {
  return String(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Height 1247 → `#1,247`. */
export const heightName = (height: number): string => `#${groupDigits(height)}`

/** 0.97 → `97.0 %`. */
export const showPercent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`

/** A loss with as many digits as tell two neighbours apart. */
export const showLoss = (loss: number): string =>
  loss >= 100 ? loss.toFixed(0) : loss >= 1 ? loss.toFixed(2) : loss.toFixed(3)

/** `0x1a2b3c…9f0e`: the ends are what people compare. */
export function shorten(id: string, head = 8, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`
}
