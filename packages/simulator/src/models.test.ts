import { type Hash, taggedHash, ZERO_HASH } from '@hydraai/core'
import { tokenizerToBytes, trainTokenizer } from '@hydraai/engine'
import type { FoundingTask, HydraNode } from '@hydraai/node'
import { encodeDataset, textDataset, tinyTask } from '@hydraai/training'
import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { publish } from './publishing.ts'
import { simulate } from './simulate.ts'
import { World } from './world.ts'

const tiny = { id: 'tiny', ...tinyTask() }
const twin: FoundingTask = { ...tiny, id: 'twin', recipe: { ...tiny.recipe, maxUnitsPerRound: 1, stepsPerUnit: 3 } }
const mine: FoundingTask = {
  ...tiny,
  id: 'mine',
  // Data of its own, which nobody has before it is published.
  dataset: { ...tiny.dataset, classNames: ['red', 'green', 'blue'] },
  document: {
    ...tiny.document,
    layers: [{ type: 'flatten' }, { type: 'dense', units: 5 }, { type: 'gelu' }, { type: 'dense', units: 3 }],
  },
}
const text = 'a rose is a rose is a rose'
const words = trainTokenizer([text], 262)
const sample = { tokens: words.encode(text).slice(0, 9), from: 1 }
const poems: FoundingTask = {
  id: 'poems',
  document: {
    format: 'hydra-model/1',
    input: [8],
    layers: [{ type: 'embedding', vocabulary: 262, width: 8 }, { type: 'attention', heads: 2 }, { type: 'tiedHead' }],
    loss: 'masked-softmax-cross-entropy',
  },
  dataset: textDataset({
    context: 8,
    vocabulary: 262,
    mode: 'text',
    strata: [{ weight: 1, samples: [sample] }],
    heldOut: [sample],
  }),
  recipe: { ...tiny.recipe, batchSize: 2, probeSamples: 2 },
  tokenizer: tokenizerToBytes(words),
}
/** A founding has 8 blocks here, so that what nobody can found is dropped while a test looks on. */
const phases = { work: 2, workLimit: 8, reveal: 3, base: 3, verify: 8, disclose: 3, aggregate: 8 }

describe('several models at once', () => {
  test('two of genesis and one published amid a storm: one history, and every model goes on after healing', async () => {
    for (let seed = 101; seed <= 102; seed++) {
      const report = await simulate({
        seed,
        nodes: 4,
        trains: true,
        wasm: engineWasm,
        tasks: [tiny, twin],
        published: mine,
      })
      expect(Object.keys(report.versions)).toEqual(['mine', 'tiny', 'twin'])
    }
  }, 600_000)

  test('every node computes the hashes of every model at every height, the published one from its founding on', async () => {
    const { world, nodes } = await start(111, [tiny, twin])
    const seen = new Map<number, string>()
    const told: string[] = []
    for (const node of nodes)
      node.chain.committed.add(({ block: { header } }) => {
        const models = JSON.stringify(header.models)
        if ((seen.get(header.height) ?? models) !== models) told.push(`${header.height}: ${models}`)
        seen.set(header.height, models)
      })
    await world.run(20_000)
    await publish(nodes[0]!, mine)
    await world.run(40_000)
    world.assertSafe()
    expect(told).toEqual([])
    for (const { state } of nodes)
      for (const id of ['tiny', 'twin', 'mine']) expect(state.models.get(id)!.version, id).toBeGreaterThan(1)
    const { owner, data } = nodes[3]!.state.models.get('mine')!
    expect(owner).toBe(nodes[0]!.address)
    for (const node of nodes) expect(await node.library.has(data)).toBe(true)
  }, 600_000)

  test('a model of texts is published with its tokenizer, which every founder keeps; with another thing it is dropped', async () => {
    const { world, nodes } = await start(113, [tiny])
    await world.run(20_000)
    await publish(nodes[0]!, poems)
    await publish(nodes[1]!, { ...poems, id: 'nonsense', tokenizer: Uint8Array.of(1, 2, 3) })
    await world.run(30_000)
    world.assertSafe()
    const { tokenizer, version } = nodes[3]!.state.models.get('poems')!
    expect(version).toBeGreaterThan(0)
    for (const node of nodes) {
      expect(await node.library.has(tokenizer!)).toBe(true)
      expect([...node.state.models.keys()]).toEqual(['poems', 'tiny'])
    }
  }, 600_000)

  test('a node that trains one model only leaves the others to the others, through a restart as well', async () => {
    const { world, nodes } = await start(112, [tiny, twin])
    const [machine] = world.machines
    await nodes[0]!.setOnly('twin')
    await world.run(5_000)
    world.crash(machine!)
    await world.run(2_000)
    const again = await world.boot(machine!)
    expect(again.only).toBe('twin')
    const commits = new Map<string, Set<string>>()
    nodes[1]!.chain.committed.add(({ events }) => {
      for (const event of events)
        if (event.type === 'commit')
          commits.set(event.account, (commits.get(event.account) ?? new Set()).add(event.model))
    })
    await world.run(40_000)
    world.assertSafe()
    expect([...commits.get(again.address)!]).toEqual(['twin'])
    expect([...commits.get(nodes[1]!.address)!].sort()).toEqual(['tiny', 'twin'])
    for (const id of ['tiny', 'twin']) expect(nodes[1]!.state.models.get(id)!.version).toBeGreaterThan(1)
  }, 600_000)
})

describe('a model that cannot be founded', () => {
  const lies: [string, (node: HydraNode) => Promise<Hash>][] = [
    ['is no dataset', node => node.library.put(Uint8Array.from({ length: 5_000 }, (_, i) => i % 251))],
    ['has more classes than the model', node => node.library.put(encodeDataset({ ...tiny.dataset, ...classes(4) }))],
    [
      'has samples of another shape',
      node =>
        node.library.put(
          encodeDataset({ ...tiny.dataset, shape: [1, 2, 4], inputs: tiny.dataset.inputs.slice(0, 384 * 8) }),
        ),
    ],
    ['is content that nobody has', async () => taggedHash('nowhere')],
  ]

  test.each(lies)(
    'because its data %s is dropped at every node alike, and everything else goes on',
    async (_, lie) => {
      const { world, nodes } = await start(121, [tiny])
      await world.run(20_000)
      await publish(nodes[0]!, mine, await lie(nodes[0]!))
      await world.run(4_000)
      for (const { state } of nodes) expect(state.models.get('mine')!.parameters).toBe(ZERO_HASH)
      const { version } = nodes[0]!.state.models.get('tiny')!
      await world.run(30_000)
      world.assertSafe()
      for (const { state } of nodes) {
        expect([...state.models.keys()]).toEqual(['tiny'])
        expect(state.models.get('tiny')!.version).toBeGreaterThan(version)
        expect(state.height).toBeGreaterThan(20)
      }
      // The name is free again, and nothing of the first try is left to stand in the way of the second.
      await publish(nodes[1]!, { ...mine, recipe: { ...mine.recipe, stepsPerUnit: 5 } })
      await world.run(20_000)
      for (const { state } of nodes) expect(state.models.get('mine')!.parameters).not.toBe(ZERO_HASH)
    },
    60_000,
  )

  test('because its publisher is gone before anybody has its data is dropped', async () => {
    const { world, nodes } = await start(122, [tiny])
    await world.run(20_000)
    nodes[1]!.chain.committed.add(({ events }) => {
      if (events.some(event => event.type === 'publish')) world.crash(world.machines[0]!)
    })
    await publish(nodes[0]!, mine)
    await world.run(3_000)
    expect(world.machines[0]!.node).toBe(null)
    expect(nodes[1]!.state.models.has('mine')).toBe(true)
    const { phaseEndsAt } = nodes[1]!.state.rounds.get('mine')!
    while (nodes[1]!.state.height < phaseEndsAt) await world.run(1_000)
    await world.run(5_000)
    for (const { state } of nodes.slice(1)) expect([...state.models.keys()]).toEqual(['tiny'])
  }, 600_000)
})

async function start(seed: number, tasks: FoundingTask[]): Promise<{ world: World; nodes: HydraNode[] }> {
  const world = await World.create({ seed, nodes: 4, wasm: engineWasm, tasks, parameters: { phases } })
  const nodes: HydraNode[] = []
  for (const machine of world.machines) nodes.push(await world.boot(machine))
  return { world, nodes }
}

function classes(count: number) {
  return { classes: count, classNames: Array.from({ length: count }, (_, i) => `class ${i}`) }
}
