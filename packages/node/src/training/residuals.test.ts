import type { Hash } from '@hydraai/core'
import type { LedgerEvent } from '@hydraai/ledger'
import { expect, test } from 'vitest'
import { eventually, TestNetwork } from '../api/testing/world.ts'

const PHASES = { work: 2, workLimit: 20, reveal: 4, base: 20, verify: 12, disclose: 4, aggregate: 60 }
const ODD = 3

type Told = Extract<LedgerEvent, { type: 'update' }>

test('an update whose trainer keeps back what a replay begins with expires unpaid, and holds up nobody', async ({
  onTestFinished,
}) => {
  const network = new TestNetwork({
    validators: 4,
    parameters: { phases: PHASES, blockIntervalMs: 300 },
    recipe: { compression: { type: 'sparse', keepPpm: 100_000, decayPpm: 950_000 } },
  })
  onTestFinished(() => network.close())
  const kept = new Set<Hash>()
  const tamper = {
    unit: async <T extends { readonly residual: Hash | null }>(unit: T): Promise<T> => {
      kept.add(unit.residual!)
      return unit
    },
    serve: (id: Hash) => !kept.has(id),
  }
  const nodes = await Promise.all(
    Array.from({ length: ODD + 1 }, (_, i) => network.node(i, i === ODD ? { options: { tamper } } : {})),
  )
  const events: LedgerEvent[] = []
  nodes[0]!.chain.committed.add(block => events.push(...block.events))
  const odd = nodes[ODD]!.address
  const told = (found: (story: Told) => boolean) => () => {
    return events.find((event): event is Told => event.type === 'update' && found(event))
  }
  // Nothing was left out before the first update of a lane.
  const first = await eventually(
    'a first unit was told of',
    told(({ trainer }) => trainer === odd),
    50_000,
  )
  expect(first.outcome).toBe('accepted')

  const drawn = ({ trainer, audit, round }: Told) => trainer === odd && audit !== null && round > 2
  const { outcome, verdicts, reward, round } = await eventually('a replay was due', told(drawn), 50_000)
  expect({ outcome, reward }).toEqual({ outcome: 'expired', reward: 0n })
  expect(verdicts.map(({ segments }) => segments)).toEqual(verdicts.map(() => 0))
  expect(verdicts.filter(({ judgement }) => judgement === 'wrong')).toEqual([])
  await eventually('the round came to a model', () => {
    return events.some(event => event.type === 'model' && event.round === round && event.updates > 0)
  })
  expect(events.filter(({ type }) => type === 'dispute' || type === 'unit-slash')).toEqual([])
}, 120_000)
