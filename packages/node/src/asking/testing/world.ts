import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  CounterRandom,
  contentIdOf,
  encode,
  type Hash,
  type KeyPair,
  keyPairFromSeed,
  type Recipe,
  sha256,
  taggedHash,
  utf8,
  ZERO_HASH,
} from '@hydraai/core'
import {
  ANSWER_TOKEN,
  createEngine,
  END_TOKEN,
  ENGINE_SHA256,
  modelDocumentCodec,
  parameterCount,
  parametersToBytes,
  type Tokenizer,
  tokenizerToBytes,
  trainTokenizer,
} from '@hydraai/engine'
import { DEFAULT_PARAMETERS, type Genesis } from '@hydraai/ledger'
import { type Network, SimulatedSwitch } from '@hydraai/network'
import { BlobStore, memoryStorage, SimulatedDisk } from '@hydraai/storage'
import {
  EVALUATION_BATCH,
  encodeDataset,
  evaluateModel,
  gptDocument,
  hydraGptRecipe,
  initialParameters,
  textDataset,
} from '@hydraai/training'
import { AnswerBench } from '../../compute/answerBench.ts'
import { InlineCompute } from '../../compute/inline.ts'
import { Workbench } from '../../compute/workbench.ts'
import { HydraNode, type NodeOptions } from '../../node.ts'
import { silentLogger } from '../../ports.ts'
import { systemClock } from '../../process/systemClock.ts'
import type { AnswerFile } from '../answerFile.ts'
import { type AnswerVerdict, judgeAnswer } from '../checkAnswer.ts'
import type { AskEvent, Question } from '../events.ts'

export const MODEL = 'hydra-gpt'
const CONTEXT = 48
const RECIPE: Recipe = {
  ...hydraGptRecipe,
  ...{ batchSize: 2, stepsPerUnit: 2, traceEvery: 1, probeSamples: 2 },
  inner: { ...hydraGptRecipe.inner, warmUpSteps: 0 },
}
const TEXTS = ['What is a network? A network is a set of machines that talk.', 'What is a key? A key opens a lock.']
export const engineWasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))

export interface TinyGpt {
  readonly tokenizer: Tokenizer
  readonly ids: { readonly document: Hash; readonly tokenizer: Hash; readonly parameters: Hash }
  readonly blobs: readonly Uint8Array[]
  readonly genesisModel: Genesis['models'][number]
}

/** A language model that was never trained: what it says is nonsense, and the same everywhere. */
export function tinyGpt(): TinyGpt {
  const tokenizer = trainTokenizer(TEXTS, 280)
  const { vocabulary } = tokenizer
  const document = gptDocument({ context: CONTEXT, vocabulary, width: 16, blocks: 1, heads: 2 })
  const samples = TEXTS.map(text => {
    const [question, answer] = text.split('? ') as [string, string]
    const asked = tokenizer.encode(`${question}?`)
    return { tokens: [...asked, ANSWER_TOKEN, ...tokenizer.encode(answer), END_TOKEN], from: asked.length + 1 }
  })
  const strata = [{ weight: 1, samples }]
  const dataset = textDataset({ context: CONTEXT, vocabulary, mode: 'answers', strata, heldOut: samples })
  const engine = createEngine(engineWasm)
  const parameters = initialParameters(engine, document, ZERO_HASH)
  const evaluation = evaluateModel({ model: engine.compile(document, EVALUATION_BATCH), dataset, parameters })
  const blobs = [
    encode(modelDocumentCodec, document),
    encodeDataset(dataset),
    tokenizerToBytes(tokenizer),
    parametersToBytes(parameters),
    parametersToBytes(new Float32Array(parameters.length)),
  ]
  const [documentId, data, tokenizerId, parametersId, momentum] = blobs.map(contentIdOf) as [
    Hash,
    Hash,
    Hash,
    Hash,
    Hash,
  ]
  return {
    tokenizer,
    blobs,
    ids: { document: documentId, tokenizer: tokenizerId, parameters: parametersId },
    genesisModel: {
      id: MODEL,
      document: documentId,
      data,
      tokenizer: tokenizerId,
      parameters: parametersId,
      momentum,
      parameterCount: parameterCount(document),
      version: 3,
      lineage: null,
      recipe: RECIPE,
      evaluation,
    },
  }
}

/** A network of real nodes on the wall clock, in memory, whose only model can be asked. Nobody trains unless told to. */
export class AskNetwork {
  readonly gpt = tinyGpt()
  readonly genesis: Genesis
  readonly wires: SimulatedSwitch
  readonly #seeds: Uint8Array[]
  readonly #closers: (() => Promise<void>)[] = []

  constructor({ founders }: { founders: number }) {
    this.#seeds = Array.from({ length: founders }, (_, i) => sha256(utf8(`asking test ${i}`)))
    this.genesis = {
      format: 'hydra-genesis/1',
      chainId: 'hydra-0000abcd',
      time: Date.now() - 1_000,
      engine: ENGINE_SHA256,
      parameters: { ...DEFAULT_PARAMETERS, blockIntervalMs: 50, registrationDifficulty: 4 },
      validators: this.#seeds.map((seed, i) => ({
        name: `node${i}`,
        publicKey: keyPairFromSeed(seed).publicKey,
        stake: 10_000_000n,
      })),
      models: [this.gpt.genesisModel],
    }
    this.wires = new SimulatedSwitch({ clock: systemClock, random: random('wires') })
  }

  disk(): SimulatedDisk {
    return new SimulatedDisk({ random: random('disk') })
  }

  keys(index: number): KeyPair {
    return keyPairFromSeed(this.#seeds[index] ?? sha256(utf8(`newcomer ${index}`)))
  }

  /** A running node. Index 0 on are the founders, any other is a newcomer. `wrap` changes what it sees of the network. */
  async node(
    index: number,
    options: {
      tamper?: NodeOptions['tamper']
      holdsModel?: boolean
      tokenMs?: number
      trains?: boolean
      disk?: SimulatedDisk
      wrap?: (network: Network) => Network
    } = {},
  ): Promise<HydraNode> {
    const {
      holdsModel = true,
      tamper,
      tokenMs = 1,
      trains = false,
      disk = this.disk(),
      wrap = network => network,
    } = options
    const storage = memoryStorage(disk)
    const blobs = new BlobStore(storage.db)
    if (holdsModel) for (const blob of this.gpt.blobs) await blobs.put(blob)
    const durations = { trainMs: 5, verifyMs: 5, aggregateMs: 5, tokenMs }
    const compute = new InlineCompute({
      bench: new Workbench(engineWasm),
      answers: new AnswerBench(engineWasm),
      clock: systemClock,
      durations,
    })
    const node = await HydraNode.open(
      { genesis: this.genesis, name: `node${index}`, trains, stakes: false, ...(tamper && { tamper }) },
      {
        clock: systemClock,
        network: wrap(this.wires.network(`node${index}`)),
        storage,
        compute,
        keys: this.keys(index),
        logger: silentLogger,
        random: Math.random,
      },
    )
    this.#closers.unshift(() => node.stop())
    await node.start()
    return node
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close()
  }
}

/** All events of one question. */
export async function ask(
  node: HydraNode,
  question: Partial<Question> = {},
  signal = new AbortController().signal,
): Promise<AskEvent[]> {
  const events: AskEvent[] = []
  const asked = { question: 'What is a key?', model: MODEL, maxTokens: 12, ...question }
  for await (const event of node.asking.ask(asked, signal)) events.push(event)
  return events
}

/** What anyone who holds the model finds of an answer. */
export function check({ gpt }: AskNetwork, answer: AnswerFile): Promise<AnswerVerdict> {
  const [document, , tokenizer, parameters] = gpt.blobs as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const bench = new AnswerBench(engineWasm)
  bench.load({ ids: gpt.ids, document, tokenizer, parameters })
  return judgeAnswer(answer, { ...gpt.ids, version: 3 }, async () => {
    const steps = bench.answer({ ...answer.request, ...gpt.ids })
    for (;;) {
      const step = steps.next(false)
      if (step.done) return step.value
    }
  })
}

/** Waits, bounded, until `found` gives something. */
export async function eventually<T>(what: string, found: () => T | Promise<T>): Promise<NonNullable<T>> {
  const until = Date.now() + 15_000
  for (;;) {
    const value = await found()
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>
    if (Date.now() > until) throw new Error(`${what} did not happen`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

function random(what: string): CounterRandom {
  return new CounterRandom(taggedHash('asking tests', utf8(what)))
}
