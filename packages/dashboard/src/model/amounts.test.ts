import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupDigits, microOf, shorten, showAmount, showMicro } from './amounts.ts'

describe('amounts', () => {
  it('shows every amount of micro-HYDRA exactly: reading it back gives the same integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), micro => {
        expect(microOf(showMicro(micro).replace('−', '-').replaceAll(',', ''))).toBe(micro)
      }),
    )
  })

  it('keeps sums that a float would round', () => {
    expect(microOf('9007199254740993.000001')).toBe(9_007_199_254_740_993_000_001n)
  })

  it('refuses what is not a decimal of at most six places', () => {
    for (const text of ['', '1.', '.5', '1e3', '1,5', '0x10', '1.0000001', ' 1', '--1', 'NaN']) {
      expect(microOf(text), text).toBeNull()
    }
  })

  it('groups thousands and signs as a statement does', () => {
    expect(showAmount('1234567.50')).toBe('1,234,567.5')
    expect(showAmount('+1.0', { signed: true })).toBe('+1.0')
    expect(showAmount('-0.01')).toBe('−0.01')
    expect(groupDigits(1247)).toBe('1,247')
  })

  it('shortens to both ends, and leaves short things alone', () => {
    expect(shorten(`0x${'a'.repeat(36)}1234`)).toBe('0xaaaaaa…1234')
    expect(shorten('mnist-cnn')).toBe('mnist-cnn')
  })
})
