import type { LedgerEvent } from '@hydraai/ledger'
import { afterEach, expect, test } from 'vitest'
import { eventually, TestNetwork } from '../api/testing/world.ts'

let network: TestNetwork
afterEach(() => network.close())

test('units are done one right after the other: the next is begun before the commitment of the last is in a block', async () => {
  network = new TestNetwork({ parameters: { blockIntervalMs: 400 } })
  const node = await network.node(0)
  const blocks: LedgerEvent[][] = []
  node.chain.committed.add(({ events }) => blocks.push([...events]))
  const units = await eventually('a block with both units of a round', () =>
    blocks.map(unitsCommittedIn).find(committed => committed.length === 2),
  )
  expect(units).toEqual([0, 1])
  const { trainingMs, idleMs } = node.activity.time.until(Date.now())
  expect(trainingMs).toBeGreaterThan(0)
  expect(idleMs).toBeGreaterThan(0)
})

test('a commitment that got lost is sent again, with all that came after it', async () => {
  let lost = 0
  network = new TestNetwork()
  const node = await network.node(0, {
    options: { tamper: { action: action => (action.type === 'commit' && lost++ < 3 ? null : action) } },
  })
  const units: number[] = []
  node.chain.committed.add(({ events }) => units.push(...unitsCommittedIn(events)))
  await eventually('both units were committed', () => units.length >= 2)
  expect(lost).toBeGreaterThan(4)
  expect(units.slice(0, 2)).toEqual([0, 1])
})

test('the false claim of a planted unit is opened as one, and the unit is accepted and paid', async () => {
  network = new TestNetwork({ parameters: { blockIntervalMs: 150 } })
  const node = await network.node(0)
  const events: LedgerEvent[] = []
  node.chain.committed.add(block => events.push(...block.events))
  const planted = await eventually(
    'a plant was drawn',
    () => events.find(event => event.type === 'update' && event.planted),
    // One unit in sixteen is; two in a hundred runs wait for more than sixty.
    200_000,
  )
  expect(planted).toMatchObject({ outcome: 'accepted' })
  const opened = events.find(
    event => event.type === 'open' && planted.type === 'update' && event.round === planted.round && event.planted,
  )
  expect(opened).toBeDefined()
}, 220_000)

function unitsCommittedIn(events: readonly LedgerEvent[]): number[] {
  return events.flatMap(event => (event.type === 'commit' ? [event.unit] : []))
}
