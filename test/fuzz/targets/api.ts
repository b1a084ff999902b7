import { equalBytes, parseAddress, parseAmount, utf8, ZERO_HASH } from '@hydraai/core'
import { optionsOf } from '@hydraai/node'
import { parseQuestion, parseTemperature } from '../../../packages/cli/src/asking/values.ts'
import * as values from '../../../packages/cli/src/options/values.ts'
import { requests } from '../../../packages/node/src/api/http/schemas.ts'
import { askShape } from '../../../packages/node/src/api/routes/askRoutes.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { unlessJson } from './asking.ts'

const SHAPES = { ...requests, ask: askShape }
type Shape = keyof typeof SHAPES

/** What a page or a program sends to the node's HTTP API: `{ "to": NAME, "body": VALUE }`. */
const SEEDS: readonly { to: Shape; body: unknown }[] = [
  { to: 'blocks', body: { before: '12', limit: '100' } },
  { to: 'account', body: { limit: '5' } },
  { to: 'log', body: {} },
  { to: 'updates', body: { before: '12/0x00/1', limit: '50' } },
  { to: 'updateId', body: { id: 'mnist-cnn', round: '7', trainer: '0x00', unit: '1' } },
  { to: 'blockId', body: { heightOrHash: '17' } },
  { to: 'modelId', body: { id: 'hydra-gpt' } },
  { to: 'send', body: { to: '0x00', amount: '1.5', memo: 'hello' } },
  { to: 'stake', body: { amount: '1' } },
  { to: 'only', body: { model: null } },
  {
    to: 'ask',
    body: { question: 'What is a key?', mode: 'answer', temperature: 0.7, topK: 4, seed: 'x', maxTokens: 9 },
  },
  {
    to: 'publish',
    body: {
      id: 'mine',
      document: 'AAAA',
      data: '00'.repeat(32),
      tokenizer: null,
      recipe: {
        ...{ batchSize: 1, stepsPerUnit: 1, traceEvery: 1, probeSamples: 1, maxUnitsPerRound: 1 },
        inner: {
          ...{ learningRatePpm: 1, beta1Ppm: 1, beta2Ppm: 1, epsilonPpb: 1 },
          ...{ weightDecayPpm: 0, warmUpSteps: 0, floorPpm: 1, clipNormPpm: 0 },
        },
        outer: { learningRatePpm: 1, momentumPpm: 0 },
        compression: { type: 'sparse', keepPpm: 8_000, decayPpm: 950_000 },
        aggregation: { type: 'trimmed-mean', trimPpm: 100_000 },
      },
    },
  },
]

const PARSERS: readonly ((text: string) => unknown)[] = [
  ...Object.values(values).filter(value => typeof value === 'function'),
  parseQuestion,
  parseTemperature,
]

export function targets(): readonly Target[] {
  return [
    {
      name: 'api-request',
      format: 'json',
      seeds: SEEDS.map(seed => utf8(JSON.stringify(seed))),
      maxBytes: 65_536,
      run(input) {
        const sent = unlessJson(input)
        if (typeof sent !== 'object' || sent === null || !('to' in sent) || !('body' in sent)) return false
        const { to, body } = sent
        if (typeof to !== 'string' || !Object.hasOwn(SHAPES, to)) return false
        const shape = SHAPES[to as Shape]
        const result = shape.safeParse(body)
        if (!result.success) return false
        promise(Object.getPrototypeOf(result.data) === Object.prototype, 'a body brought a prototype of its own')
        const taken = result.data as Record<string, unknown>
        for (const field of Object.values(taken)) {
          if (typeof field !== 'string') continue
          unlessRefused(() => parseAmount(field))
          unlessRefused(() => parseAddress(field))
        }
        if (to === 'ask')
          unlessRefused(() => optionsOf(taken as never, { mode: 'answer', randomSeed: () => ZERO_HASH }))
        return true
      },
    },
    {
      name: 'cli-value',
      format: 'bytes',
      seeds: ['7777', '/ip4/127.0.0.1/tcp/7777', 'example.org:1', '[::1]:2', 'alice', '0.97', '::1'].map(utf8),
      maxBytes: 4_096,
      run(input) {
        const text = new TextDecoder().decode(input)
        const taken = PARSERS.filter(parse => unlessRefused(() => ({ value: parse(text) })) !== undefined)
        const peer = unlessRefused(() => values.parsePeer(text))
        if (peer !== undefined)
          promise(equalBytes(utf8(values.parsePeer(peer)), utf8(peer)), 'a peer is spelt in two ways')
        return taken.length > 0
      },
    },
  ]
}
