import type { LedgerEvent } from '@hydraai/ledger'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../actor.ts'
import { engineWasm } from '../engineWasm.ts'
import { World } from '../world.ts'
import { equivocatingVoter } from './actors/equivocatingVoter.ts'
import { deafToItself } from './deaf.ts'
import { ACTOR_NAMES, ACTORS } from './roster.ts'

const BYZANTINE = 3

/** Four founders, the last of them with the actor in front of it. `calm`: it has no power over the wires. */
async function withActor(actor: Actor, options: { seed: number; calm: boolean }) {
  const world = await World.create({
    seed: options.seed,
    nodes: 4,
    wasm: engineWasm,
    trains: false,
    maxSkewMs: 200,
    parameters: { epochBlocks: 6, evidenceBlocks: 24, unbondingBlocks: 32 },
    actor: index => (index === BYZANTINE ? actor : null),
  })
  world.storming = !options.calm
  const events: LedgerEvent[] = []
  for (const machine of world.machines) await world.boot(machine)
  world.machines[0]!.node!.chain.committed.add(committed => events.push(...committed.events))
  return { world, events, address: world.machines[BYZANTINE]!.address }
}

describe('one of four that does not keep to the protocol', () => {
  test.each(ACTOR_NAMES)(
    '%s: nothing breaks, and blocks go on',
    async name => {
      const { world } = await withActor(ACTORS[name](), { seed: 41, calm: true })
      await world.runSafely(60_000)
      // A round that its turn costs takes a few seconds; every fourth block may begin with one.
      expect(world.checker.highest).toBeGreaterThan(12)
    },
    60_000,
  )

  test('that holds the wires too may stop the blocks, but nothing breaks', async () => {
    const { world } = await withActor(ACTORS.isolator(), { seed: 42, calm: false })
    await world.runSafely(60_000)
    expect(world.checker.forks).toEqual([])
  }, 60_000)
})

describe('an equivocator', () => {
  const slashes = (events: readonly LedgerEvent[]) => events.filter(({ type }) => type === 'slash')

  test('loses its stake, once, and its place in the committee with the next block', async () => {
    const { world, events, address } = await withActor(ACTORS['bold-equivocator'](), { seed: 43, calm: true })
    await world.runSafely(20_000)
    expect(slashes(events)).toMatchObject([{ account: address }])
    const { state } = world.checker.replica
    expect(state.accounts.get(address)).toMatchObject({ slashed: true, stake: 0n })
    expect(state.committee.map(member => member.address)).not.toContain(address)
  }, 60_000)

  test('that took its stake back first loses what is unbonding: it votes until the epoch ends', async () => {
    const voter = equivocatingVoter('everybody')
    let asked = false
    const actor: Actor = {
      ...voter,
      onPublish(message, host) {
        const account = host.node.state.accounts.get(host.keys.address)
        if (!account) return [message]
        if (!asked) {
          asked = true
          host.node.outbox.send({ type: 'unstake', amount: account.stake })
        }
        return account.stake === 0n ? voter.onPublish!(message, host) : [message]
      },
    }
    const { world, events, address } = await withActor(deafToItself(actor), { seed: 44, calm: true })
    await world.runSafely(20_000)
    expect(slashes(events)).toMatchObject([{ account: address }])
    expect(events.some(event => event.type === 'unbond')).toBe(false)
    const { unbondings } = world.checker.replica.state
    expect([...unbondings.values()].filter(({ account }) => account === address)).toEqual([])
  }, 60_000)
})
