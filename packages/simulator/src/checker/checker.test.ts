import { describe, expect, test } from 'vitest'
import { engineWasm } from '../engineWasm.ts'
import { World } from '../world.ts'
import { Replica } from './replica.ts'
import { SignatureWatch } from './signatureWatch.ts'

/** A world with some blocks in it. */
async function withBlocks() {
  const world = await World.create({ seed: 401, nodes: 4, trains: false, wasm: engineWasm })
  for (const machine of world.machines) await world.boot(machine)
  await world.runSafely(6_000)
  const sides = [1, 2, 3].map(height => world.checker.sideOf(height)!)
  return { world, sides, genesis: world.founding.genesis }
}

describe('the replica', () => {
  test('follows what was committed', async () => {
    const { sides, genesis } = await withBlocks()
    const replica = new Replica(genesis)
    for (const { block, commit } of sides) replica.follow(block, commit)
    expect(replica.state.height).toBe(3)
  }, 60_000)

  test('misses a quorum: a signature less, or one that is not theirs', async () => {
    const { sides, genesis } = await withBlocks()
    const { block, commit } = sides[0]!
    const few = { ...commit, precommits: commit.precommits.slice(0, 2) }
    expect(() => new Replica(genesis).follow(block, few)).toThrow(/quorum/)
    const [a, b, ...rest] = commit.precommits
    const forged = [{ ...a!, signature: b!.signature }, { ...b!, signature: a!.signature }, ...rest.slice(0, 1)]
    expect(() => new Replica(genesis).follow(block, { ...commit, precommits: forged })).toThrow(/quorum/)
  }, 60_000)

  test('refuses a block that the rules refuse, whoever signed for it', async () => {
    const { sides, genesis } = await withBlocks()
    const replica = new Replica(genesis)
    replica.follow(sides[0]!.block, sides[0]!.commit)
    const { block, commit } = sides[1]!
    const other = { ...block, transactions: [], lastCommit: null }
    expect(() => replica.follow(other, commit)).toThrow(/not valid/)
  }, 60_000)
})

describe('the watch over signatures', () => {
  test('tells when somebody signs two things for one step, and not when a thing is sent twice', async () => {
    const { world } = await withBlocks()
    const { address } = world.machines[0]!
    const vote = (round: number, valueId: string | null) =>
      ({
        type: 'vote',
        vote: { type: 'prevote', height: 5, round, valueId, validator: address, signature: 'ab' },
      }) as Parameters<SignatureWatch['watch']>[1]
    const watch = new SignatureWatch()
    watch.watch(address, vote(0, 'cc'))
    watch.watch(address, vote(0, 'cc'))
    watch.watch(address, vote(1, null))
    expect(() => watch.watch(address, vote(0, null))).toThrow(/equivocation/)
  }, 60_000)
})
