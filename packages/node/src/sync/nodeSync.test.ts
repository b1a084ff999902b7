import { contentIdOf } from '@hydraai/core'
import { modelDocumentToBytes } from '@hydraai/engine'
import { accountOf } from '@hydraai/ledger'
import { encodeDataset, tinyTask } from '@hydraai/training'
import { afterAll, expect, test } from 'vitest'
import { eventually, TestNetwork } from '../api/testing/world.ts'

const EVERY = 10
const network = new TestNetwork({ parameters: { blockIntervalMs: 60 } })
afterAll(() => network.close())

test('a node that joins by a snapshot has the models, their documents and its page, and starts again', async () => {
  const options = { snapshotBlocks: EVERY }
  const founder = await network.node(0, { options })
  const api = await network.serve(founder)
  await eventually('the first earnings', () => accountOf(founder.state, founder.address).balance > 3_000_000n)
  const task = tinyTask()
  const data = encodeDataset({ ...task.dataset, classNames: ['red', 'green', 'blue'] })
  const document = modelDocumentToBytes(task.document)
  await founder.library.put(data)
  const model = { id: 'mine', document: Buffer.from(document).toString('base64'), recipe: task.recipe }
  const published = await api.post('/api/models', { ...model, data: contentIdOf(data), tokenizer: null })
  expect(published.status).toBe(200)
  const at = await eventually('the model on the chain', () => founder.state.models.get('mine')?.registeredAt)
  await eventually('a snapshot after it', async () => ((await founder.snapshots.list())[0]?.height ?? 0) > at)

  const goal = founder.chain.height
  const disk = network.disk()
  const joined = await network.node(7, { disk, options: { ...options, sync: 'snapshot' } })
  await eventually('the tip', () => joined.chain.height >= goal)
  expect(joined.chain.lowest).toBeGreaterThan(at)
  await eventually('the document', () => joined.kinds.of(joined.state.models.get('mine')!) !== null)
  expect(Buffer.compare((await joined.library.stored(contentIdOf(document)))!, document)).toBe(0)
  const page = await network.serve(joined)
  for (const path of ['/api/status', '/api/blocks', '/api/models', `/api/accounts/${founder.address}`])
    expect([path, (await page.get(path)).status]).toEqual([path, 200])
  await joined.stop()

  const again = await network.node(7, { disk, options: { ...options, sync: 'snapshot' } })
  expect(again.chain.lowest).toBe(joined.chain.lowest)
  const height = again.chain.height
  await eventually('new blocks', () => again.chain.height > height + 2)
  expect(again.chain.lowest).toBe(joined.chain.lowest)
}, 60_000)
