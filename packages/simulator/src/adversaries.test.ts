import { type Address, commitmentOf, contentIdOf, taggedHash, utf8 } from '@hydraai/core'
import type { LedgerState, Update } from '@hydraai/ledger'
import type { NodeOptions } from '@hydraai/node'
import { encodeUpdate } from '@hydraai/training'
import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { World } from './world.ts'

type Tamper = NonNullable<NodeOptions['tamper']>
const CHEAT = 3

/** Runs four founders, the last of them cheating, and collects how its updates and those of the others ended. */
async function withCheat(seed: number, tamper: Tamper) {
  const world = await World.create({
    seed,
    nodes: 4,
    wasm: engineWasm,
    tamper: index => (index === CHEAT ? tamper : undefined),
  })
  for (const machine of world.machines) await world.boot(machine)
  const addresses = world.machines.map(({ node }) => node!.address)
  const income = { unit: new Map<Address, number>(), verdict: new Map<Address, number>() }
  const outcomes = { honest: new Map<string, number>(), cheat: new Map<string, number>() }
  world.machines[0]!.node!.chain.committed.add(({ events }) => {
    for (const event of events) {
      if (event.type === 'unit-reward') bump(income.unit, event.account)
      if (event.type === 'verdict-reward') bump(income.verdict, event.account)
      if (event.type === 'update')
        bump(event.trainer === addresses[CHEAT] ? outcomes.cheat : outcomes.honest, event.outcome)
    }
  })
  await world.run(45_000)
  world.assertSafe()
  const { state } = world.machines[0]!.node!
  const reputation = (index: number) => state.accounts.get(addresses[index]!)!.reputation
  return { world, state, addresses, income, outcomes, reputation }
}

function bump<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const CHEATS: Record<string, NonNullable<Tamper['unit']>> = {
  'claims a false loss': async unit => ({ ...unit, lossAfter: unit.lossAfter - 1 }),
  'sends noise': async unit => resealed(unit, noise(unit.bytes)),
  'sends an update of zeros': async unit => resealed(unit, zeros(unit.bytes)),
  'trains on other data': async unit => resealed(unit, flipped(unit.bytes)),
}

type Unit = Parameters<NonNullable<Tamper['unit']>>[0]

/** The payload replaced and everything that can be recomputed without training made to fit again. */
function resealed(unit: Unit, bytes: Uint8Array): Unit {
  const payload = contentIdOf(bytes)
  const commitment = commitmentOf({ trainer: unit.trainer, payload, traceRoot: unit.traceRoot })
  return { ...unit, bytes, payload, payloadBytes: bytes.length, commitment }
}

function noise(bytes: Uint8Array): Uint8Array {
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
  const before = new Float32Array(count)
  return encodeUpdate(
    before,
    Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 13) / 100 - 0.06),
  )
}

function zeros(bytes: Uint8Array): Uint8Array {
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
  return encodeUpdate(new Float32Array(count), new Float32Array(count))
}

/** One quantised value moved by one step: the least that another sample could change. */
function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  const last = copy.length - 1
  copy[last] = copy[last] === 127 ? 126 : copy[last]! + 1
  return copy
}

describe('a trainer that cheats', () => {
  for (const [what, unit] of Object.entries(CHEATS))
    test(`${what}: earns nothing, is refuted, and the model goes on without it`, async () => {
      const { addresses, income, outcomes, reputation, state } = await withCheat(21, { unit })
      const cheat = addresses[CHEAT]!
      expect(outcomes.cheat.get('refuted')).toBeGreaterThan(0)
      expect(outcomes.cheat.get('accepted')).toBeUndefined()
      expect(income.unit.get(cheat)).toBeUndefined()
      expect(outcomes.honest.get('accepted')).toBeGreaterThan(0)
      expect(outcomes.honest.get('refuted')).toBeUndefined()
      expect(reputation(CHEAT)).toBeLessThan(reputation(0))
      expect(state.models.get('tiny')!.version).toBeGreaterThan(0)
    }, 60_000)
})

describe('a trainer that sends the update of another', () => {
  test('cannot reveal it: the commitment binds the payload to its own address', async () => {
    let stolen: Unit | null = null
    const world = await World.create({
      seed: 22,
      nodes: 4,
      wasm: engineWasm,
      tamper: index => {
        if (index === 0)
          return {
            unit: async unit => {
              stolen = unit
              return unit
            },
          }
        if (index === CHEAT)
          return {
            unit: async unit =>
              stolen ? { ...stolen, trainer: unit.trainer, ...recommitted(stolen, unit.trainer) } : unit,
          }
        return undefined
      },
    })
    for (const machine of world.machines) await world.boot(machine)
    const cheat = world.machines[CHEAT]!.node!.address
    const seen: Update['outcome'][] = []
    let stole = 0
    world.machines[1]!.node!.chain.committed.add(({ events }) => {
      for (const event of events) if (event.type === 'update' && event.trainer === cheat) seen.push(event.outcome)
      if (stolen) stole++
    })
    await world.run(45_000)
    world.assertSafe()
    expect(stole).toBeGreaterThan(0)
    expect(seen.filter(outcome => outcome === 'accepted').length).toBeLessThan(seen.length)
    expect(seen).toContain('refuted')
  }, 60_000)
})

function recommitted(unit: Unit, trainer: Address) {
  return { commitment: commitmentOf({ trainer, payload: unit.payload, traceRoot: unit.traceRoot }) }
}

describe('a verifier that votes against the truth', () => {
  const LIES: Record<string, NonNullable<Tamper['verdict']>> = {
    'says that good work is invalid': ({ digest }) => ({ valid: false, digest }),
    'says valid without having replayed': () => ({ valid: true, digest: taggedHash('a guess', utf8('digest')) }),
  }
  for (const [what, verdict] of Object.entries(LIES))
    test(`${what}: earns nothing for it, and the truth prevails`, async () => {
      const { addresses, income, outcomes, reputation } = await withCheat(23, { verdict })
      expect(income.verdict.get(addresses[CHEAT]!)).toBeUndefined()
      expect(income.verdict.get(addresses[0]!)).toBeGreaterThan(0)
      expect(outcomes.honest.get('accepted')).toBeGreaterThan(0)
      expect(outcomes.honest.get('refuted')).toBeUndefined()
      expect(reputation(CHEAT)).toBeLessThan(reputation(0))
    }, 60_000)
})

describe('money under attack', () => {
  test('supply is what the rules minted less what they burnt, cheat or no cheat', async () => {
    const { state } = await withCheat(24, { unit: CHEATS['sends noise']! })
    expect(held(state)).toBe(state.minted - state.burnt)
  }, 60_000)
})

function held(state: LedgerState): bigint {
  return [...state.accounts.values()].reduce((sum, { balance, stake }) => sum + balance + stake, 0n)
}
