import { describe, expect, test } from 'vitest'
import { wrapExport } from './wrapExport.ts'

describe('a function that is wrapped as its file is loaded', () => {
  test('is exported wrapped, and callers in its own file take the wrapped one too', () => {
    const source = 'export function half(n) { return n / 2 }\nexport function quarter(n) { return half(half(n)) }'
    const wrapped = wrapExport('a.ts', source, 'half')
    const run = new Function('globalThis', `${wrapped.replaceAll('export ', '')}; return [half(8), quarter(8)]`)
    let calls = 0
    const hydraMemo = {
      half: (original: (n: number) => number) => (n: number) => {
        calls++
        return original(n)
      },
    }
    expect(run({ hydraMemo })).toEqual([4, 2])
    expect(calls).toBe(3)
  })

  test('must be there, once: a memo that wraps nothing would go unnoticed', () => {
    expect(() => wrapExport('a.ts', 'export function halves() {}', 'half')).toThrow(/found 0/)
    expect(() => wrapExport('a.ts', 'export function half() {}\nexport function half() {}', 'half')).toThrow(/found 2/)
  })
})
