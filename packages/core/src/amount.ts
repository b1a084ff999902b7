import type { Micro } from './brand.ts'
import { HydraError } from './errors.ts'

/** Micro-HYDRA in one HYDRA. */
export const MICRO: Micro = 1_000_000n
/** The largest amount that the wire carries. */
export const MAX_MICRO: Micro = (1n << 63n) - 1n

const ADVICE = 'Write an amount such as 45.5: digits, at most 6 after the point, no sign and no exponent.'

/** Micro-HYDRA of a decimal text such as `1.5`. @throws HydraError AMOUNT_INVALID */
export function parseAmount(text: string): Micro {
  const match = /^(\d{1,13})(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) {
    throw new HydraError('AMOUNT_INVALID', `${JSON.stringify(text.slice(0, 40))} is not an amount of HYDRA`, {
      advice: ADVICE,
    })
  }
  const amount = BigInt(match[1]!) * MICRO + BigInt((match[2] ?? '').padEnd(6, '0'))
  if (amount > MAX_MICRO) {
    throw new HydraError('AMOUNT_INVALID', `${text} HYDRA is more than an amount can hold`, { advice: ADVICE })
  }
  return amount
}

/** Decimal text in HYDRA, exact and without trailing zeros: `1.5`, `0`, `-0.01`. */
export function formatAmount(amount: Micro): string {
  const sign = amount < 0n ? '-' : ''
  const size = amount < 0n ? -amount : amount
  const fraction = (size % MICRO).toString().padStart(6, '0').replace(/0+$/, '')
  return `${sign}${size / MICRO}${fraction === '' ? '' : `.${fraction}`}`
}
