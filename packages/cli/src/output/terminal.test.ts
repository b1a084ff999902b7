import { expect, test } from 'vitest'
import { clip } from './terminal.ts'

test('the live line is cut to the width that is seen, and its colours stay whole', () => {
  expect(clip('abcdef', 4)).toBe('abcd')
  expect(clip('\x1b[2mabcdef\x1b[22m', 4)).toBe('\x1b[2mabcd\x1b[22m')
  expect(clip('█░é…x', 4)).toBe('█░é…')
  expect(clip('abc', 4)).toBe('abc')
})
