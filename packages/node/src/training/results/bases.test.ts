import { commitmentOf, contentIdOf, type Hash } from '@hydraai/core'
import type { LedgerEvent } from '@hydraai/ledger'
import { payloadLeaves, tinyTask } from '@hydraai/training'
import { describe, expect, type TestContext, test } from 'vitest'
import { TestNetwork, eventually as within } from '../../api/testing/world.ts'
import type { TamperedUnit } from '../finishedUnit.ts'
import type { TrainingTamper } from '../tamper.ts'

/** Rounds of consensus that somebody is away for take seconds, and more on a busy machine. */
const eventually = <T>(what: string, found: () => T | Promise<T>) => within(what, found, 50_000)

const PHASES = { work: 2, workLimit: 20, reveal: 4, base: 20, verify: 12, disclose: 4, aggregate: 60 }
const ODD = 3

/** Four founders, the last of which is odd; the bases of the first rounds as the chain has them. */
async function withOdd({ onTestFinished }: TestContext, tamper: TrainingTamper) {
  const network = new TestNetwork({ validators: 4, parameters: { phases: PHASES, blockIntervalMs: 300 } })
  onTestFinished(() => network.close())
  const events: LedgerEvent[] = []
  const nodes = await Promise.all(
    Array.from({ length: ODD + 1 }, (_, i) => network.node(i, i === ODD ? { options: { tamper } } : {})),
  )
  nodes[0]!.chain.committed.add(block => events.push(...block.events))
  const base = await eventually('there was a base', () => events.find(event => event.type === 'base'))
  const odd = nodes[ODD]!.address
  const ofOdd = events.filter(
    event => event.type === 'reveal' && event.account === odd && event.round === base.round,
  ).length
  return { base, ofOdd, events }
}

describe.concurrent('the base of the next round', () => {
  test('goes on without payloads that are given to nobody', async context => {
    const { base, ofOdd, events } = await withOdd(context, { serve: () => false })
    expect(ofOdd).toBeGreaterThan(0)
    expect(base.included).toBe(base.revealed - ofOdd)
    await eventually('there was a model', () => events.some(({ type }) => type === 'model'))
  }, 60_000)

  test('holds payloads that were given to one only: it passes them on', async context => {
    const { base } = await withOdd(context, { serve: (_, peer) => peer === 'node1' })
    expect(base.included).toBe(base.revealed)
  }, 60_000)

  test('goes on without a payload that cannot be read', async context => {
    const { base, ofOdd } = await withOdd(context, { unit: async unit => resealed(unit, unit.bytes.slice(0, -1)) })
    expect(ofOdd).toBeGreaterThan(0)
    expect(base.included).toBe(base.revealed - ofOdd)
  }, 60_000)

  test('goes on without the updates of a trainer that nobody knows yet, which are checked and paid all the same', async context => {
    const network = new TestNetwork({ validators: 3, parameters: { phases: PHASES, blockIntervalMs: 300 } })
    context.onTestFinished(() => network.close())
    const [founder] = await Promise.all([0, 1, 2].map(i => network.node(i)))
    const events: LedgerEvent[] = []
    founder!.chain.committed.add(block => events.push(...block.events))
    const newcomer = await network.node(3)
    const isOf = (event: LedgerEvent) => 'account' in event && event.account === newcomer.address
    const first = await eventually('the newcomer had revealed a unit', () => {
      return events.find(event => event.type === 'reveal' && isOf(event))
    })
    const { round } = first as Extract<LedgerEvent, { type: 'reveal' }>
    const base = await eventually('there was a base', () => {
      return events.find(event => event.type === 'base' && event.round === round)
    })
    const revealed = events.filter(event => event.type === 'reveal' && event.round === round)
    const { included } = base as Extract<LedgerEvent, { type: 'base' }>
    expect(included).toBe(revealed.filter(event => !isOf(event)).length)
    await eventually('the newcomer was paid', () => events.some(event => event.type === 'unit-reward' && isOf(event)))
  }, 60_000)

  test('goes on without an update that no steps can come to, though it can be read', async context => {
    const { base, ofOdd } = await withOdd(context, { unit: async unit => resealed(unit, inflated(unit.bytes)) })
    expect(ofOdd).toBeGreaterThan(0)
    expect(base.included).toBe(base.revealed - ofOdd)
  }, 60_000)
})

/** The scale of every block of an int8 body as large as a float32 can be with its levels. */
function inflated(payload: Uint8Array): Uint8Array {
  const copy = payload.slice()
  const body = new DataView(copy.buffer, 8 + 32 * payloadLeaves(payload, tinyTask().recipe).length + 1)
  const blocks = Math.ceil(body.getUint32(4, true) / 256)
  for (let block = 0; block < blocks; block++) body.setFloat32(8 + 4 * block, 2e36, true)
  return copy
}

function resealed(unit: TamperedUnit, bytes: Uint8Array): TamperedUnit {
  const payload: Hash = contentIdOf(bytes)
  const { trainer, traceRoot, residual } = unit
  const commitment = commitmentOf({ trainer, payload, traceRoot, residual })
  return { ...unit, bytes, payload, payloadBytes: bytes.length, commitment }
}
