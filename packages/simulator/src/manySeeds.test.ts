import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import type { Plan } from './plan.ts'
import { runAll } from './runner/pool.ts'
import { type Outcome, planOfSeed, replayCommand, type SeedOptions } from './runner/request.ts'
import { Tally } from './runner/tally.ts'

/** As many worlds of 4 to 16 founders as are run at every change; HYDRA_SEEDS says otherwise, for those in a hurry. */
const SEEDS = Number(process.env.HYDRA_SEEDS ?? 1_000)
const OPTIONS: SeedOptions = { byzantine: 'some' }
const TELL_EVERY = 100

test(`${SEEDS} seeds: every promise of the protocol holds through storms of faults, and blocks go on after them`, async () => {
  const tally = new Tally()
  const started = Date.now()
  function* plans(): Generator<Plan> {
    for (let seed = 1; seed <= SEEDS; seed++) yield planOfSeed(seed, OPTIONS)
  }
  const onOutcome = (plan: Plan, outcome: Outcome) => {
    tally.add(plan, outcome)
    if (tally.seeds % TELL_EVERY === 0) console.log(tally.lines(Date.now() - started).join('\n'))
  }
  await runAll({ jobs: availableParallelism(), plans: plans(), onOutcome })
  const failures = tally.failures.map(
    ({ plan, promise, finding }) => `${promise}: ${finding}\n${replayCommand(plan.seed, OPTIONS)}`,
  )
  expect(failures).toEqual([])
  expect(tally.seeds).toBe(SEEDS)
  // Every kind of fault was there, or they proved nothing.
  if (SEEDS >= TELL_EVERY) expect(tally.faults.size).toBe(11)
}, 1_800_000)
