import { availableParallelism } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { type HonestTally, honestWorld } from './honest.ts'
import { answerAll } from './pool.ts'
import { respond } from './respond.ts'
import { ATTACKS } from './roster.ts'
import { keyOf, type Request, type Response, requestsOf, rowOf, trialsOf } from './suite.ts'

/** Long enough for the units of two rounds to be tried, judged and disputed. */
const RUN_MS = 24_000
/** Blocks are won by lot: no gain is within a few of their rewards. */
const NOTHING_MICRO = 2_000_000n
const SEED = 1

/** Needs a planted claim, one in sixteen, or an update that was accepted before; `npm run adversaries` has the time. */
const LONG = new Set(['leaked-claims', 'withheld-residual'])
/** Nobody is fooled by it, and nobody is wronged: what one peer has, the others get from it. */
const HARMLESS = new Set(['payload-to-some'])

describe('the adversary suite in short', () => {
  const trials = trialsOf(null).filter(({ attack, stance }) => stance === 'new' && !LONG.has(attack))
  const responses = new Map<string, Response>()

  beforeAll(async () => {
    const questions = requestsOf(trials, [SEED]).map(request => ({
      type: 'run' as const,
      request: { ...request, runMs: RUN_MS },
    }))
    await answerAll(questions, availableParallelism(), ({ request }, { response }) => {
      responses.set(keyOf(request), response)
    })
  }, 900_000)

  test.each(trials)('$name is caught and gains nothing', trial => {
    const row = rowOf(trial, [SEED], responses)!
    expect(row.gainMicro).toBeLessThan(NOTHING_MICRO)
    expect(row.caught).toBe(HARMLESS.has(trial.attack) ? 0 : 1)
  })

  test('a seed gives the same run in any process, whatever that did before', async () => {
    const request: Request = { attack: 'noise', scene: 'one', stance: 'new', seed: SEED, runMs: RUN_MS }
    expect(await respond(request)).toEqual(responses.get(keyOf(request)))
  }, 60_000)

  test('every attack has a name of its own, and says what it does', () => {
    expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length)
    for (const { is } of ATTACKS) expect(is).toMatch(/^[a-z].{20,}[^.]$/)
  })
})

describe('honest work under faults', () => {
  test('is never refuted, disputed or punished', async () => {
    const tally: HonestTally = await honestWorld(SEED, 1)
    expect(tally.accepted).toBeGreaterThan(100)
    expect(tally.faults).toBeGreaterThan(5)
    expect(tally.versions).toBeGreaterThan(5)
    expect([tally.refuted, tally.disputed]).toEqual([0, 0])
  }, 120_000)
})
