import { readFileSync } from 'node:fs'
import { contentIdOf, type Hash, keyPairFromSeed, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import {
  ANSWER_TOKEN,
  createEngine,
  END_TOKEN,
  generate,
  type ModelDocument,
  modelDocumentToBytes,
  parametersToBytes,
  tokenizerToBytes,
  trainTokenizer,
} from '@hydraai/engine'
import { answerHash, requestHash, signReceipt } from '@hydraai/ledger'

/** A real language model, far too small, that learnt one sentence by heart; and answers of it that are really signed. */

export const QUESTION = 'What is a hydra?'
export const ANSWER = 'A hydra is a small animal that grows its heads again.'
const CONTEXT = 64
const STEPS = 60

export const wasm = readFileSync(new URL(import.meta.resolve('@hydraai/engine/engine.wasm')))
const tokenizer = trainTokenizer([QUESTION, ANSWER], 290)
const vocabulary = tokenizer.vocabulary
const document: ModelDocument = {
  format: 'hydra-model/1',
  input: [CONTEXT],
  layers: [
    { type: 'embedding', vocabulary, width: 32 },
    { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 2 }] },
    { type: 'layerNorm' },
    { type: 'tiedHead' },
  ],
  loss: 'masked-softmax-cross-entropy',
}

function trained(): Float32Array {
  const model = createEngine(wasm).compile(document, 1)
  const question = [...tokenizer.encode(QUESTION), ANSWER_TOKEN]
  const tokens = [...question, ...tokenizer.encode(ANSWER), END_TOKEN]
  const x = Int32Array.from({ length: CONTEXT }, (_, at) => tokens[at] ?? END_TOKEN)
  const y = Int32Array.from({ length: CONTEXT }, (_, at) =>
    at + 1 >= question.length && at + 1 < tokens.length ? tokens[at + 1]! : -1,
  )
  model.initialise(taggedHash('test', utf8('initial')))
  // biome-ignore lint/correctness/useHookAtTopLevel: an optimiser is no hook
  model.useOptimizer({ type: 'adamw', learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 })
  for (let step = 0; step < STEPS; step++) model.trainStep(x, y)
  return model.getParameters()
}

const parameters = trained()
const blobs = [modelDocumentToBytes(document), tokenizerToBytes(tokenizer), parametersToBytes(parameters)] as const
export const ids = {
  document: contentIdOf(blobs[0]),
  tokenizer: contentIdOf(blobs[1]),
  parameters: contentIdOf(blobs[2]),
}

/** What `GET /api/content/:hash` gives. */
export const contents: ReadonlyMap<string, Uint8Array> = new Map(blobs.map(blob => [contentIdOf(blob), blob]))

export const server = keyPairFromSeed(new Uint8Array(32).fill(7))
const asker = keyPairFromSeed(new Uint8Array(32).fill(8)).address

export interface AnswerOptions {
  readonly question?: string
  readonly temperaturePpm?: number
  readonly topK?: number
  readonly topPPpm?: number
  readonly seed?: Hash
  readonly maxTokens?: number
  /** What the server makes of its tokens before it signs them. */
  readonly tamper?: (tokens: readonly number[]) => readonly number[]
}

/** What the server answers, as its file. */
export function answerFile(options: AnswerOptions = {}) {
  const { question = QUESTION, temperaturePpm = 0, topK = 0, topPPpm = 1_000_000 } = options
  const { seed = ZERO_HASH, maxTokens = 256, tamper = tokens => tokens } = options
  const sampling = { temperaturePpm, topK, topPPpm, seed }
  const generator = createEngine(wasm).generator(document)
  generator.setParameters(parameters)
  const said = generate({ generator, tokenizer, question, sampling, maxTokens })
  const tokens = tamper([...said.tokens])
  const ended = said.ended
  const model = 'hydra-gpt'
  const chainId = 'hydra-1a2b3c4d'
  const nonce = taggedHash('test', utf8(question))
  const named = { chainId, model, asker, server: server.address }
  const request = { ...named, nonce, question, mode: 'answer' as const, ...sampling, maxTokens }
  const receipt = {
    ...named,
    version: 3,
    parameters: ids.parameters,
    request: requestHash(request),
    answer: answerHash({ tokens, ended }),
    tokens: tokens.length,
  }
  return {
    format: 'hydra-answer/1',
    request,
    receipt,
    signature: signReceipt(server, receipt),
    serverKey: server.publicKey,
    tokens,
    ended,
    text: tokenizer.decode(tokens),
    document: ids.document,
    tokenizer: ids.tokenizer,
  }
}

/** The parts in which the text of a file comes. */
export function partsOf({ tokens }: ReturnType<typeof answerFile>): { text: string; tokens: number }[] {
  return tokens.map((token, at) => ({ text: tokenizer.decode([token]), tokens: at + 1 }))
}
