import { MICRO } from '@hydraai/core'
import {
  DataFolder,
  type RunningNode as Running,
  silentLogger,
  startNode as startHere,
  type TamperedUnit,
  type UnitMeans,
} from '@hydraai/node'
import { tinyTask } from '@hydraai/training'
import { afterAll, describe, expect, test } from 'vitest'
import type { Json } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { microOf, statementOf, supplyByHeight } from '../support/money.ts'
import { foundWithParameters } from '../support/network.ts'
import { type RunningNode, startNode } from '../support/node.ts'
import { freePorts } from '../support/ports.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 120_000
const STAKE = 100n * MICRO
const HONEST = ['alice', 'bob', 'carol']
/** Long enough segments that a dispute about one takes several moves. */
const RECIPE = { stepsPerUnit: 200, traceEvery: 100, maxUnitsPerRound: 1 }
const PARAMETERS = {
  blockIntervalMs: 500,
  registrationDifficulty: 4,
  phases: { work: 4, workLimit: 20, reveal: 4, base: 6, verify: 20, disclose: 6, aggregate: 60 },
}

const workplace = new Workplace({ endAfterFailure: true })
let mallory: Running | null = null
afterAll(async () => mallory?.stop())

describe('a trainer that does its steps on other data than the chain drew', () => {
  test('is found out on a real network, step by step, and loses stake and name; the honest lose nothing', async () => {
    const task = tinyTask()
    const tasks = [{ id: 'tiny', ...task, recipe: { ...task.recipe, ...RECIPE } }]
    const names = [...HONEST, 'mallory']
    const { genesis, keys } = await foundWithParameters(workplace, names, PARAMETERS, { tasks, stake: STAKE })
    const nodes: RunningNode[] = []
    for (const name of HONEST)
      nodes.push(
        await startNode(
          workplace,
          name,
          nodes.flatMap(({ address }) => ['--peer', address]),
        ),
      )
    const [port = 0] = await freePorts(1)
    mallory = await startHere({
      ...{ folder: new DataFolder(workplace.path('mallory')), genesis, keys: keys[3]!, name: 'mallory' },
      ...{ host: '127.0.0.1', port, bootstrap: nodes.map(({ address }) => address), logger: silentLogger },
      tamper: { unit: onOtherData },
    })
    const [alice] = nodes
    const { api } = alice!
    const cheat = mallory.node.address

    const refuted = await eventually('an update of the cheat to be refuted', WAIT_MS, async () => {
      const { updates } = await api.get('/api/models/tiny/updates?limit=100')
      return updates.find(({ trainer, outcome }: Json) => trainer === cheat && outcome === 'refuted')
    })
    expect(refuted).toMatchObject({ reward: '0', audit: { of: 2 } })
    expect(microOf(refuted.slashed)).toBeGreaterThan(0n)
    const { disputes } = await api.get('/api/disputes')
    expect(disputes.map(({ trainer }: Json) => trainer)).toContain(cheat)

    // Nobody but the cheat lost anything, and no micro-HYDRA came out of nowhere.
    const other = nodes[1]!.api
    const { chain, supply } = await other.status()
    const supplies = await supplyByHeight(other, STAKE * BigInt(names.length), chain.height)
    expect(supplies.at(-1)).toBe(microOf(supply.total))
    const events = await eventsUpTo(other, chain.height)
    expect(events.filter(({ type, account }) => /slash/.test(type) && account !== cheat)).toEqual([])
    const bounties = events.filter(({ type }) => type === 'bounty')
    expect(bounties.length).toBeGreaterThan(0)
    expect(bounties.map(({ account }) => account)).not.toContain(cheat)
    const { account } = await statementOf(api, cheat)
    expect(account).toMatchObject({ reputation: 0, unitsVerified: 0 })
    expect(microOf(account.stake)).toBeLessThan(STAKE)

    // Work goes on, and the honest are paid.
    const version = await versionOf(api)
    await eventually('the model to go on', WAIT_MS, async () => (await versionOf(api)) > version + 1)
    for (const { address } of keys.slice(0, 3))
      expect((await statementOf(api, address)).account.unitsVerified).toBeGreaterThan(0)
  }, 300_000)
})

/** All of the steps, but on the data of another unit; the losses are true. */
async function onOtherData(unit: TamperedUnit, { job, train }: UnitMeans): Promise<TamperedUnit> {
  const other = await train({ ...job, id: { ...job.id, unit: job.id.unit + 1 } })
  const { payload, payloadId, residual, residualId, ...rest } = other
  return {
    ...{ ...unit, ...rest, payload: payloadId, payloadBytes: payload.length, bytes: payload },
    ...{ keys: [...rest.keys], residual: residualId, residualBytes: residual, planted: null },
  }
}

async function eventsUpTo(api: RunningNode['api'], height: number): Promise<Json[]> {
  const events: Json[] = []
  for (let at = 1; at <= height; at++) events.push(...(await api.block(at)).events)
  return events
}

async function versionOf(api: RunningNode['api']): Promise<number> {
  return (await api.get('/api/models/tiny')).version
}
