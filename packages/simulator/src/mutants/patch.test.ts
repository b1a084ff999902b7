import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MUTANTS } from './list.ts'
import { applyPatches } from './patch.ts'

const ROOT = new URL('../../../../', import.meta.url)

describe('patches of a source', () => {
  test('stand where the text was', () => {
    expect(applyPatches('a.ts', 'one two three', [{ find: 'two', replace: '2' }])).toBe('one 2 three')
  })

  test('fail where the text is not, or is more than once: such a mutant would be another one or none', () => {
    expect(() => applyPatches('a.ts', 'one', [{ find: 'two', replace: '2' }])).toThrow(/found 0 times/)
    expect(() => applyPatches('a.ts', 'two two', [{ find: 'two', replace: '2' }])).toThrow(/found 2 times/)
  })

  test.each(MUTANTS)('$name finds its places in the sources as they are', ({ patches }) => {
    const sources = new Map<string, string>()
    for (const { file, find, replace } of patches) {
      const before = sources.get(file) ?? readFileSync(new URL(file, ROOT), 'utf8')
      const after = applyPatches(file, before, [{ find, replace }])
      expect(after).not.toBe(before)
      sources.set(file, after)
    }
  })
})
