import { describe, expect, test } from 'vitest'
import { argumentsOf } from './arguments.ts'
import { planOfSeed, replayCommand, type SeedOptions } from './request.ts'

describe('the flags', () => {
  test('have defaults, one job a core', () => {
    expect(argumentsOf([], 3)).toMatchObject({ from: 1, seeds: 20, jobs: 3, options: { byzantine: 'some' } })
  })

  test.each([
    [['--seeds', '0'], /--seeds 0/],
    [['--from', 'x'], /--from x/],
    [['--byzantine', 'most'], /--byzantine most/],
    [['--nodes', '201'], /--nodes 201/],
    [['--sedes', '5'], /--sedes/],
  ])('%j is refused with a sentence that names it', (argv, why) => {
    expect(argumentsOf(argv, 2)).toMatch(why)
  })

  test('of the replay that a failure prints stand for the same plan', () => {
    const all: SeedOptions[] = [{ byzantine: 'some' }, { byzantine: 'all', nodes: 5 }, { byzantine: 'none', nodes: 9 }]
    for (const options of all) {
      const argv = replayCommand(33, options).split(' -- ')[1]!.split(' ')
      const flags = argumentsOf(argv, 2)
      if (typeof flags === 'string') throw new Error(flags)
      expect(planOfSeed(flags.from, flags.options)).toEqual(planOfSeed(33, options))
      expect(flags.seeds).toBe(1)
    }
  })
})
