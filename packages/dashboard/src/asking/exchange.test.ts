import { describe, expect, it } from 'vitest'
import type { AskEvent } from './askEvents.ts'
import { advance, announcementOf, begin, close, type Exchange, fail, paymentOf } from './exchange.ts'

const question = { question: 'Why?', model: 'hydra-gpt' }
const start: AskEvent = {
  type: 'start',
  model: 'hydra-gpt',
  version: 3,
  server: '0x1',
  serverName: 'bob',
  seed: 'ab',
  cost: '0.5',
}
const text = (part: string, tokens: number): AskEvent => ({ type: 'text', text: part, tokens })
const end: AskEvent = { type: 'end', tokens: 2, ended: 'end', answer: { text: 'Because.' } }
const paid: AskEvent = { type: 'paid', transaction: 'cd', cost: '0.5' }
const error: AskEvent = { type: 'error', code: 'X', message: 'It broke.', advice: null }
const after = (...events: AskEvent[]): Exchange => events.reduce(advance, begin(1, question))

describe('an exchange', () => {
  it('goes from the question over the text to the payment', () => {
    expect(after()).toMatchObject({ phase: 'asking', text: '' })
    expect(after(start, text('Be', 1), text('caus', 2))).toMatchObject({
      phase: 'answering',
      text: 'Becaus',
      tokens: 2,
    })
    expect(after(start, text('Be', 1), end)).toMatchObject({ phase: 'paying', text: 'Because.', ended: 'end' })
    expect(after(start, end, paid)).toMatchObject({ phase: 'done', transaction: 'cd', cost: '0.5' })
  })

  it('shows no payment where none was made, and none as certain that was not heard of', () => {
    expect(paymentOf(after(start, text('Be', 1)))).toBe('open')
    expect(paymentOf(after(start, text('Be', 1), error))).toBe('none')
    expect(paymentOf(close(after(start, text('Be', 1)), true))).toBe('none')
    expect(paymentOf(close(after(start, text('Be', 1)), false))).toBe('none')
    expect(paymentOf(after(start, end, error))).toBe('unknown')
    expect(paymentOf(close(after(start, end), false))).toBe('unknown')
    expect(paymentOf(after(start, end, paid))).toEqual({ transaction: 'cd' })
  })

  it('that ends with an empty answer is done, and free', () => {
    const empty = close(after(start, { ...end, tokens: 0 } as AskEvent), false)
    expect([empty.phase, paymentOf(empty)]).toEqual(['done', 'none'])
  })

  it('that was stopped is stopped only while there is something to stop', () => {
    expect(close(after(start), true).phase).toBe('stopped')
    expect(close(after(start, end), true).phase).toBe('failed')
    expect(close(after(start, end, paid), true).phase).toBe('done')
  })

  it('changes no more once it is over', () => {
    for (const over of [after(start, end, paid), after(start, error), close(after(start), true)]) {
      for (const event of [start, text('more', 9), end, paid, error]) expect(advance(over, event)).toBe(over)
      expect(fail(over, { code: 'Y', message: '', advice: null })).toBe(over)
    }
  })

  it('is announced when it begins and when it is whole, and never word by word', () => {
    const words = [after(start, text('Be', 1)), after(start, text('Be', 1), text('cause', 2))].map(announcementOf)
    expect(new Set(words).size).toBe(1)
    expect(announcementOf(after(start, end))).toBe(announcementOf(after(start, end, paid)))
    expect(announcementOf(after(start, end))).toContain('Because.')
    expect(announcementOf(undefined)).toBe('')
  })
})
