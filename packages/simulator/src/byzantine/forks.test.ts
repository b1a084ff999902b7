import { describe, expect, test } from 'vitest'
import { engineWasm } from '../engineWasm.ts'
import { World } from '../world.ts'
import { colluder, type Manner, type Plot } from './actors/colluder.ts'

/** A world whose Byzantine machines betray two halves of the others that do not hear each other; what it came to. */
async function betrayed(parts: { seed: number; nodes: number; byzantine: readonly number[]; manner: Manner }) {
  const { seed, nodes, byzantine, manner } = parts
  const honest = Array.from({ length: nodes }, (_, i) => i).filter(i => !byzantine.includes(i))
  const halves = [0, 1].map(side => honest.filter((_, i) => i % 2 === side).map(i => `node${i}`))
  const plot: Plot = { manner, begun: false, halves: halves as [string[], string[]] }
  const world = await World.create({
    seed,
    nodes,
    wasm: engineWasm,
    trains: false,
    mayFork: true,
    actor: index => (byzantine.includes(index) ? colluder(plot) : null),
  })
  for (const machine of world.machines) await world.boot(machine)
  await world.runSafely(5_000)
  const heights = () => new Set(world.machines.map(({ node }) => node!.chain.height))
  for (let i = 0; i < 100 && heights().size > 1; i++) await world.run(50)
  for (const a of plot.halves[0])
    for (const b of plot.halves[1]) {
      world.wires.cut(a, b)
      world.wires.cut(b, a)
    }
  plot.begun = true
  await world.runSafely(60_000)
  return world
}

const CROWDS: readonly [number, readonly number[]][] = [
  [4, [1, 2]],
  [5, [0, 1, 2]],
  [7, [0, 3, 5]],
  [9, [0, 1, 2, 3, 4, 5, 6]],
]
const MANNERS: Record<Manner, 'equivocation' | 'amnesia'> = { 'one-round': 'equivocation', 'two-rounds': 'amnesia' }

describe('with more than a third Byzantine safety may break, and then who broke it is named', () => {
  for (const [nodes, byzantine] of CROWDS)
    for (const [manner, charge] of Object.entries(MANNERS) as [Manner, string][])
      test(`${byzantine.length} of ${nodes} that betray the others in ${manner} are guilty of ${charge}, nobody else of anything`, async () => {
        const world = await betrayed({ seed: 70 + nodes, nodes, byzantine, manner })
        const [fork] = world.checker.forks
        expect(fork, 'nothing forked').toBeDefined()
        const { guilty, accusations, totalPower } = world.checker.accusedAt(fork!.height)!
        const liars = new Set(byzantine.map(i => world.machines[i]!.address))
        expect(guilty.filter(({ address }) => !liars.has(address))).toEqual([])
        expect(3 * guilty.reduce((sum, { power }) => sum + power, 0)).toBeGreaterThan(totalPower)
        expect(accusations.map(({ charge }) => charge.type)).toContain(charge)
        if (charge === 'amnesia') expect(accusations.map(({ charge }) => charge.type)).not.toContain('equivocation')
      }, 60_000)
})

describe('with exactly a third Byzantine', () => {
  test('nothing forks: two quorums share more than that', async () => {
    for (const manner of Object.keys(MANNERS) as Manner[]) {
      const world = await betrayed({ seed: 72, nodes: 6, byzantine: [1, 4], manner })
      expect(world.checker.forks).toEqual([])
      world.assertSafe()
    }
  }, 60_000)
})
