import { expect, test } from 'vitest'
import { printable } from './printable.ts'

test('what could command a terminal is shown as unprintable; lines, tabs and all letters stay', () => {
  expect(printable('\u001b[2J\u001b]0;title\u0007 \u009b31m\r')).toBe('\ufffd[2J\ufffd]0;title\ufffd \ufffd31m\ufffd')
  expect(printable('a\tb\nÄ 鍵 😀')).toBe('a\tb\nÄ 鍵 😀')
})
