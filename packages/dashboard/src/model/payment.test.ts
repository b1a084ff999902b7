import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { microOf } from './amounts.ts'
import { checkPayment, checkSpending } from './payment.ts'

const wallet = { address: `0x${'1'.repeat(40)}`, balance: '45.5' }
const to = `0x${'a'.repeat(40)}`

describe('a payment', () => {
  it('passes when it is whole, and says what is left', () => {
    const { payment, errors } = checkPayment({ to: ` ${to} `, amount: '.5', memo: ' soup ', tip: '.01' }, wallet)
    expect(errors).toEqual({})
    expect(payment).toEqual({ to, amount: '0.5', micro: 500_000n, memo: 'soup', tip: 10_000n, left: 44_990_000n })
  })

  it('names every field that is wrong at once', () => {
    const { payment, errors } = checkPayment({ to: '0x12', amount: 'one', memo: 'é'.repeat(33), tip: 'much' }, wallet)
    expect(payment).toBeNull()
    expect(Object.keys(errors).sort()).toEqual(['amount', 'memo', 'tip', 'to'])
    expect(errors.memo).toContain('66')
  })

  it('refuses a tip that is more than what the amount leaves', () => {
    const draft = { to, amount: '45', memo: '' }
    expect(checkPayment({ ...draft, tip: '0.500001' }, wallet).errors.tip).toContain('0.5 HYDRA would be left')
    expect(checkPayment({ ...draft, tip: '0.5' }, wallet).payment?.left).toBe(0n)
  })

  it('refuses to pay oneself, whatever the letter case', () => {
    const own = { address: `0x${'aB'.repeat(20)}`, balance: '1' }
    expect(checkPayment({ to: `0x${'Ab'.repeat(20)}`, amount: '1', memo: '', tip: '' }, own).errors.to).toContain('own')
  })

  it('never lets through more than there is, nothing, or less than nothing', () => {
    for (const amount of ['45.500001', '0', '0.000000', '-1', '+1', '1e2', '1,5', '0.0000001', '']) {
      expect(checkSpending(amount, wallet.balance).error, amount).not.toBeNull()
    }
    expect(checkSpending('45.5', wallet.balance)).toMatchObject({ error: null, left: 0n })
  })

  it('sends the amount that was checked, to the last micro', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 45_500_000n }), micro => {
        const typed = `${micro / 1_000_000n}.${(micro % 1_000_000n).toString().padStart(6, '0')}`
        const checked = checkSpending(typed, wallet.balance)
        expect(checked.error === null && microOf(checked.amount)).toBe(micro)
      }),
    )
  })
})
