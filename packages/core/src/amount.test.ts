import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAmount, MAX_MICRO, parseAmount } from './amount.ts'

const refused = expect.objectContaining({ code: 'AMOUNT_INVALID' })

describe('amounts', () => {
  it('are exact decimals of HYDRA', () => {
    const pairs: [string, bigint][] = [
      ['0', 0n],
      ['1', 1_000_000n],
      ['1.5', 1_500_000n],
      ['0.000001', 1n],
      ['45.05', 45_050_000n],
      ['9223372036854.775807', MAX_MICRO],
    ]
    for (const [text, amount] of pairs) {
      expect(parseAmount(text)).toBe(amount)
      expect(formatAmount(amount)).toBe(text)
    }
    expect(parseAmount('007.500000')).toBe(7_500_000n)
    expect(formatAmount(-10_000n)).toBe('-0.01')
  })

  it('read back what was written, over the whole range', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_MICRO }), amount => {
        expect(parseAmount(formatAmount(amount))).toBe(amount)
      }),
    )
  })

  it('refuse signs, exponents, spaces, too many places and too large numbers', () => {
    const bad = ['', '.', '1.', '.5', '-1', '+1', '1e3', '1,5', ' 1', '1\n', '0.0000001', '0x10', '١', 'NaN']
    for (const text of [...bad, '9223372036854.775808', '99999999999999']) {
      expect(() => parseAmount(text), JSON.stringify(text)).toThrow(refused)
    }
  })
})
