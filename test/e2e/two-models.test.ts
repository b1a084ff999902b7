import { expect, test } from 'vitest'
import type { Json } from '../support/api.ts'
import { membersUp, startDevnet, summaryOf } from '../support/devnet.ts'
import { eventually } from '../support/eventually.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 240_000
const IDS = ['hydra-gpt', 'mnist-cnn']
const workplace = new Workplace()

test('a local network trains two models at once, and its nodes agree on both hashes at every height', async () => {
  const folder = workplace.path('net')
  const program = startDevnet(workplace, folder, ['--nodes', '2', '--models', 'mnist-cnn,hydra-gpt'])
  const [first, second] = await membersUp(folder, 2)
  const versions = async (): Promise<number[]> => {
    const { models } = await first!.api.get('/api/models')
    expect(models.map(({ id }: Json) => id)).toEqual(IDS)
    return models.map(({ version }: Json) => version)
  }
  const [gpt, digits] = await versions()
  // The language model does not begin from nothing: its genesis version is the checkpoint that ships.
  expect(gpt).toBeGreaterThan(0)
  await eventually('a new version of both models', WAIT_MS, async () => {
    const [a, b] = await versions()
    return a! > gpt! && b! > digits!
  })
  const height = await first!.api.height()
  await eventually('the other node to have that block', WAIT_MS, async () => (await second!.api.height()) >= height)
  for (let at = 1; at <= height; at++) {
    const [one, other] = await Promise.all([first!.api.block(at), second!.api.block(at)])
    expect([at, other.hash]).toEqual([at, one.hash])
    expect(other.models).toEqual(one.models)
    expect(one.models.map(({ id }: Json) => id)).toEqual(IDS)
  }
  expect(await program.stop()).toEqual({ code: 0, signal: null })
  const { nodes, models } = summaryOf(program)
  expect(models.map(({ id }: Json) => id)).toEqual(IDS)
  expect(nodes[1].modelHashes).toEqual(nodes[0].modelHashes)
  expect(Object.keys(nodes[0].modelHashes).sort()).toEqual(IDS)
}, 400_000)
