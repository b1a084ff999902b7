import { expect, test } from 'vitest'
import { MessageHistory } from './messageHistory.ts'

test('a long height costs bounded memory: the oldest messages go first, the newest stays even alone', () => {
  const history = new MessageHistory({ maxBytes: 100, maxCount: 100 })
  for (let i = 0; i < 10; i++) history.add(`${i}`, new Uint8Array(30).fill(i))
  expect(history.messages().map(([first]) => first)).toEqual([7, 8, 9])
  expect(history.has('6')).toBe(false)
  history.add('large', new Uint8Array(500))
  expect(history.messages().map(({ length }) => length)).toEqual([500])
  history.clear()
  history.add('after', new Uint8Array(100))
  expect(history.messages()).toHaveLength(1)
})

test('the first message under a key stays', () => {
  const history = new MessageHistory({ maxBytes: 100, maxCount: 100 })
  history.add('vote', Uint8Array.of(1))
  history.add('vote', Uint8Array.of(2))
  expect(history.messages()).toEqual([Uint8Array.of(1)])
})
