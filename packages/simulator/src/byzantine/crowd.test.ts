import { expect, test } from 'vitest'
import type { Actor } from '../actor.ts'
import { engineWasm } from '../engineWasm.ts'
import { SeededRandom } from '../seededRandom.ts'
import { World } from '../world.ts'
import { ACTOR_NAMES, ACTORS, mostByzantine } from './roster.ts'

/** As many as a committee has at most vote; the others follow. */
const VOTING = 64
const FOLLOWING = 36
const BYZANTINE = 33
const BLOCKS = 4
const WITHIN_MS = 60_000

test(`${VOTING + FOLLOWING} nodes, ${BYZANTINE} of them Byzantine in every way there is: safe, and blocks go on`, async () => {
  const random = new SeededRandom(100, 7)
  const actors = new Map<number, Actor>()
  const voting = mostByzantine(VOTING)
  while (actors.size < BYZANTINE) {
    const index = actors.size < voting ? random.below(VOTING) : VOTING + random.below(FOLLOWING)
    if (!actors.has(index)) actors.set(index, ACTORS[ACTOR_NAMES[actors.size % ACTOR_NAMES.length]!]())
  }
  const world = await World.create({
    seed: 100,
    nodes: VOTING,
    newcomers: FOLLOWING,
    wasm: engineWasm,
    trains: false,
    maxSkewMs: 200,
    actor: index => actors.get(index) ?? null,
  })
  world.storming = false
  for (const machine of world.machines) await world.boot(machine)
  const honest = world.machines.filter(machine => machine.honest)
  expect(honest).toHaveLength(VOTING + FOLLOWING - BYZANTINE)
  const lowest = () => Math.min(...honest.map(({ node }) => node!.chain.height))
  for (let spent = 0; spent < WITHIN_MS && lowest() < BLOCKS; spent += 1_000) await world.runSafely(1_000)
  expect(lowest()).toBeGreaterThanOrEqual(BLOCKS)
}, 180_000)
