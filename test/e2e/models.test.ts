import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ImportReport, importData, ofSafetensors } from '@hydraai/datasets'
import { createEngine } from '@hydraai/engine'
import { evaluateModel } from '@hydraai/training'
import { beforeAll, describe, expect, test } from 'vitest'
import { png } from '../../packages/datasets/test/images.ts'
import { eventually } from '../support/eventually.ts'
import { microOf } from '../support/money.ts'
import { type RunningNode, startNode } from '../support/node.ts'
import type { Program } from '../support/program.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 180_000
const COLOURS = { blue: [30, 30, 200], green: [30, 200, 30], red: [200, 30, 30] } as const
const IMAGES_EACH = 24

const workplace = new Workplace()
let alice: RunningNode

beforeAll(async () => {
  alice = await startNode(workplace, 'alice', ['--found', '--models', 'mnist-cnn', '--block-interval', '500'])
}, WAIT_MS)

function writeImage(name: string, bytes: Uint8Array): void {
  const path = workplace.path('photos', name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}

function model(...args: string[]): Promise<Program> {
  return workplace.run(['model', ...args, '--data-dir', alice.folder, '--json'])
}

const create = (...more: string[]) => model('create', '--name', 'colours', '--data', workplace.path('photos'), ...more)

// The model of the first tests is the one of the later ones: they stand in this order.
describe('a folder of images becomes a model that the network trains, and comes out again', () => {
  test(
    'a damaged image is named, and nothing is paid',
    async () => {
      for (const [colour, rgb] of Object.entries(COLOURS)) {
        for (let i = 0; i < IMAGES_EACH; i++) writeImage(`${colour}/${i}.png`, png(12, 12, rgb, i))
      }
      writeImage('red/0.png', png(12, 12, COLOURS.red).subarray(0, 80))
      const refused = await create('--yes')
      expect(refused.exit).toEqual({ code: 1, signal: null })
      expect(refused.stderr.join('\n')).toContain(workplace.path('photos', 'red', '0.png'))
      writeImage('red/0.png', png(12, 12, COLOURS.red))
    },
    WAIT_MS,
  )

  test(
    'what it is and what it costs is shown first; without a yes nothing is sent',
    async () => {
      await eventually('alice to have earned the price', WAIT_MS, async () => {
        const { balance } = await alice.api.get('/api/wallet')
        return microOf(balance) >= 1_000_000n
      })
      const asked = await create()
      expect(asked.exit).toEqual({ code: 2, signal: null })
      expect(asked.lines).toHaveLength(1)
      const [prepared] = asked.lines
      expect(prepared).toMatchObject({ event: 'prepared', kind: 'images', samples: 3 * IMAGES_EACH, price: '1' })
      expect((prepared as unknown as ImportReport).classes.map(({ name, count }) => [name, count])).toEqual([
        ['blue', IMAGES_EACH],
        ['green', IMAGES_EACH],
        ['red', IMAGES_EACH],
      ])
      expect(prepared!.memoryBytes).toBeGreaterThan(0)
      expect(prepared!.unitMs).toBeGreaterThan(0)
      const { models } = await alice.api.get('/api/models')
      expect(models.map(({ id }: { id: string }) => id)).toEqual(['mnist-cnn'])
    },
    WAIT_MS,
  )

  test(
    'with a yes it is paid for, registered, and founded',
    async () => {
      const created = await create('--yes')
      expect(created.exit).toEqual({ code: 0, signal: null })
      expect(created.lines.map(({ event }) => event)).toEqual(['prepared', 'sent', 'registered'])
      const { transaction } = created.lines[1]!
      const stored = await alice.api.get(`/api/transactions/${transaction}`)
      expect(stored.height).toBeGreaterThan(0)
      const row = await alice.api.get('/api/models/colours')
      expect(row).toMatchObject({ owner: alice.ready.address, kind: 'images', data: created.lines[1]!.data })
      const again = await create('--yes')
      expect(again.stderr.join('\n')).toContain('has a model "colours" already')
    },
    WAIT_MS,
  )

  test(
    'the node trains it alone when told to, until it knows the colours',
    async () => {
      const told = await model('train', '--only', 'colours')
      expect(told.lines).toEqual([{ event: 'training', only: 'colours' }])
      await eventually('the model to know the colours', WAIT_MS, async () => {
        const { version, evaluation } = await alice.api.get('/api/models/colours')
        return version >= 1 && evaluation.accuracy >= 0.9
      })
      const [listed] = (await model('list')).lines
      expect(listed!.models.map(({ id }: { id: string }) => id)).toEqual(['colours', 'mnist-cnn'])
    },
    WAIT_MS,
  )

  test(
    'its export has the parameters, and with them the loss, that the chain agreed on',
    async () => {
      const out = workplace.path('colours.safetensors')
      const exported = await model('export', 'colours', '--format', 'safetensors', '--out', out)
      expect(exported.exit).toEqual({ code: 0, signal: null })
      const { metadata, document, parameters } = ofSafetensors(new Uint8Array(readFileSync(out)))
      const status = await alice.api.status()
      expect(metadata).toMatchObject({ chain: status.chain.id, model: 'colours', classes: '["blue","green","red"]' })

      const { dataset } = await importData(workplace.path('photos'))
      const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
      const compiled = createEngine(wasm).compile(document, 32)
      const { correct, total, lossBits } = evaluateModel({ model: compiled, dataset, parameters })
      const { history } = await alice.api.get('/api/models/colours')
      const version = history.find(({ version }: { version: number }) => String(version) === metadata.version)
      expect(version.accuracy).toBe(correct / total)
      const loss = new Float32Array(Uint32Array.of(lossBits).buffer)[0]
      expect(version.loss).toBe(loss)
    },
    WAIT_MS,
  )
})
