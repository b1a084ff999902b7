import { describe, expect, test } from 'vitest'
import { type Caught, hunt, inParallel } from './hunt.ts'
import { MUTANTS } from './list.ts'

/** A mutant must be caught within so many worlds. */
const SEEDS = 200
/** Worlds that the product as it is passes here; the others it passes in `mutants/main.ts --only none`. */
const SEEDS_OF_PRODUCT = 20
const AT_ONCE = 2
const TIMEOUT_MS = 280_000

describe('the simulation', () => {
  test(`finds every fault that is built into the product within ${SEEDS} worlds, and none in the product itself`, async () => {
    const jobs: [string | null, number][] = [
      [null, SEEDS_OF_PRODUCT],
      ...MUTANTS.map(({ name }) => [name, SEEDS] as [string, number]),
    ]
    const hunts = await inParallel(
      jobs.map(([name, seeds]) => async () => ({ name, ...(await hunt(name, 1, seeds, TIMEOUT_MS)) })),
      AT_ONCE,
    )
    const found = new Map<string | null, Caught | null>(hunts.map(({ name, caught }) => [name, caught]))
    console.log(
      hunts
        .map(
          ({ name, caught }) =>
            `${name ?? 'the product'}: ${caught ? `seed ${caught.seed}, ${caught.promise}` : 'nothing found'}`,
        )
        .join('\n'),
    )
    expect(found.get(null)).toBeNull()
    for (const { name } of MUTANTS) expect(found.get(name), `${name} was not caught`).not.toBeNull()
  }, 300_000)
})
