import { accountOf } from '@hydraai/ledger'
import { afterAll, expect, it } from 'vitest'
import { AskNetwork, ask, eventually, MODEL } from './testing/world.ts'

const network = new AskNetwork({ founders: 2 })
afterAll(() => network.close())

it('a model that goes on learning is answered from its newest final version, which the chain knows at once', async () => {
  const server = await network.node(0, { trains: true })
  const asker = await network.node(1)
  const versionOf = () => server.state.models.get(MODEL)!.version
  await eventually('means and a server', () => {
    const hasMeans = accountOf(asker.state, asker.address).balance > 2_000_000n
    return hasMeans && asker.asking.info()[0]!.servers > 0
  })
  const seen = new Set<number>()
  const first = versionOf()
  while (versionOf() < first + 2 || seen.size < 2) {
    const before = asker.state.models.get(MODEL)!.version
    const events = await ask(asker, { maxTokens: 4 })
    const last = events.at(-1)
    expect(last, JSON.stringify(last)).toMatchObject({ type: 'paid' })
    const [start] = events
    if (start?.type !== 'start') throw new Error('no start')
    expect(start.version).toBeGreaterThanOrEqual(before - 1)
    expect(start.version).toBeLessThanOrEqual(versionOf())
    seen.add(start.version)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}, 60_000)
