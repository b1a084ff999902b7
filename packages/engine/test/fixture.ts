import { concatBytes, hashOf, utf8 } from '@hydraai/core'
import { createOpenEngine, type OpenEngine } from '../src/engine.ts'
import {
  type Crew,
  generate,
  type ModelDocument,
  parameterCount,
  parametersToBytes,
  tokenizerToBytes,
  trainTokenizer,
} from '../src/index.ts'
import { conformanceVectors } from './conformance.ts'
import { labels, SMALL_CNN, values } from './values.ts'

/** What a runtime finds with each number of threads. */
export interface Findings {
  trained: { cnn: string; transformer: string; answer: string }
  vectors: Record<string, string>
}

/** Trains and runs every primitive, all that can be cut cut and left to the crew's helpers; without a crew alone. */
export function findings(wasm: Uint8Array, crew: Crew | null): Findings {
  const engine = createOpenEngine(wasm, { crew, grain: 1, helpersOnly: true })
  return { trained: trainedHashes(engine), vectors: conformanceVectors(engine) }
}

/**
 * The SHA-256 of the parameters, losses and logits of a small CNN and of a small transformer, and of what a small language model
 * answers.
 */
function trainedHashes(engine: OpenEngine): Findings['trained'] {
  return { cnn: trainedHash(engine), transformer: transformerHash(engine), answer: answerHash(engine) }
}

const TRANSFORMER: ModelDocument = {
  format: 'hydra-model/1',
  input: [13],
  layers: [
    { type: 'embedding', vocabulary: 37, width: 20 },
    { type: 'dropout', ratePpm: 100_000 },
    { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 2 }] },
    {
      type: 'residual',
      layers: [{ type: 'layerNorm' }, { type: 'dense', units: 30 }, { type: 'gelu' }, { type: 'dense', units: 20 }],
    },
    { type: 'layerNorm' },
    { type: 'tiedHead' },
  ],
  loss: 'masked-softmax-cross-entropy',
}

/** Twenty steps with dropout, clipping and a schedule. */
function transformerHash(engine: OpenEngine): string {
  const batch = 5
  const model = engine.compile(TRANSFORMER, batch)
  model.initialise(hashOf(utf8('exactness')))
  model.useSeed(hashOf(utf8('dropout')))
  model.useOptimizer({
    type: 'adamw',
    learningRate: 1e-2,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0.01,
    clipNorm: 0.5,
    schedule: { warmUp: 5, total: 18, floor: 1e-3 },
  })
  const found: number[] = []
  for (let step = 0; step < 20; step++) {
    const y = labels(batch * 13, 37, step + 50).map((label, i) => (i % 4 === 0 ? -1 : label))
    found.push(model.trainStep(labels(batch * 13, 37, step), y))
  }
  found.push(...model.logits(labels(batch * 13, 37, 99), batch))
  return hashOf(parametersToBytes(Float32Array.from([...model.getParameters(), ...found])))
}

/** Twenty steps, ten of AdamW and ten of SGD with Nesterov momentum. */
function trainedHash(engine: OpenEngine): string {
  const batch = 16
  const model = engine.compile(SMALL_CNN, batch)
  model.initialise(hashOf(utf8('exactness')))
  const size = SMALL_CNN.input.reduce((product, length) => product * length, 1)
  const found: number[] = []
  for (let step = 0; step < 20; step++) {
    if (step === 0) {
      model.useOptimizer({
        type: 'adamw',
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0.01,
      })
    } else if (step === 10) {
      model.useOptimizer({ type: 'sgd', learningRate: 0.02, momentum: 0.9, nesterov: true })
    }
    found.push(model.trainStep(values(batch * size, step % 4), labels(batch, 10, step % 4)))
  }
  found.push(...model.logits(values(batch * size, 99), batch))
  return hashOf(parametersToBytes(Float32Array.from([...model.getParameters(), ...found])))
}

const TEXTS = [
  'What is a hash? A hash is a short number that stands for long data.',
  'What is a ledger? A ledger is a list that everyone keeps; « nobody » can change it, 2 or 3 can’t either. 鍵',
]

/** A tokenizer, the tokens of two answers and the logits of every place of a text. */
function answerHash(engine: OpenEngine): string {
  const tokenizer = trainTokenizer(TEXTS, 290)
  const document: ModelDocument = {
    format: 'hydra-model/1',
    input: [29],
    layers: [
      { type: 'embedding', vocabulary: tokenizer.vocabulary, width: 20 },
      { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 4 }] },
      {
        type: 'residual',
        layers: [{ type: 'dense', units: 45 }, { type: 'silu' }, { type: 'dense', units: 20, bias: 0 }],
      },
      { type: 'residual', layers: [{ type: 'dense', units: 30 }, { type: 'gelu' }, { type: 'dense', units: 20 }] },
      { type: 'layerNorm' },
      { type: 'tiedHead' },
    ],
    loss: 'masked-softmax-cross-entropy',
  }
  const generator = engine.generator(document)
  generator.setParameters(values(parameterCount(document), 3))
  const found: number[] = []
  const seed = hashOf(utf8('answer'))
  const job = { generator, tokenizer, question: 'What is a list?', maxTokens: 40 }
  const sampling = { temperaturePpm: 900_000, topK: 0, topPPpm: 1_000_000, seed }
  found.push(...generate({ ...job, sampling, mode: 'continue' }).tokens)
  found.push(...generate({ ...job, sampling: { ...sampling, topK: 30, topPPpm: 900_000 } }).tokens)
  generator.reset()
  for (const token of tokenizer.encode('A hash is a list, 鍵!')) found.push(...generator.feed(token))
  return hashOf(concatBytes(tokenizerToBytes(tokenizer), parametersToBytes(Float32Array.from(found))))
}
