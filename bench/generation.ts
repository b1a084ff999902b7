// How fast a language model answers on one core: tokens a second once it writes, and the time from a question to its first
// token.
//
//     npm run bench:generation -- [--width 192] [--layers 5] [--heads 6] [--context 64] [--vocabulary 2048] [--json]
//
// The parameters are random: the time does not depend on them. A question is a quarter of the context; each round answers until
// the context is full. Medians over the rounds.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { hashOf, utf8 } from '@hydraai/core'
import { createEngine, type Layer, type ModelDocument, parameterCount, type Sampling } from '@hydraai/engine'

const WARM_UP_ROUNDS = 5
const ROUNDS = 30
const WASM = fileURLToPath(new URL('../packages/engine/build/engine.wasm', import.meta.url))
const SAMPLING: Sampling = { temperaturePpm: 800_000, topK: 40, topPPpm: 950_000, seed: hashOf(utf8('bench')) }

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

function sizesOf(args: string[]) {
  const size = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value })
  const options = {
    width: size('192'),
    layers: size('5'),
    heads: size('6'),
    context: size('64'),
    vocabulary: size('2048'),
    json: { type: 'boolean', default: false },
  } as const
  try {
    const { json, ...texts } = parseArgs({ args, options }).values
    const [width, layers, heads, context, vocabulary] = Object.values(texts).map(Number) as [number, ...number[]]
    return { ...texts, width, layers: layers!, heads: heads!, context: context!, vocabulary: vocabulary!, json }
  } catch (error) {
    fail((error as Error).message)
  }
}

/** A transformer with its norms before each block (GPT-2's order) and a tied head. */
function gpt(width: number, blocks: number, heads: number, context: number, vocabulary: number): ModelDocument {
  const layers: Layer[] = [{ type: 'embedding', vocabulary, width }]
  for (let block = 0; block < blocks; block++) {
    layers.push({ type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads }] })
    const wide: Layer[] = [{ type: 'dense', units: 4 * width }, { type: 'gelu' }, { type: 'dense', units: width }]
    layers.push({ type: 'residual', layers: [{ type: 'layerNorm' }, ...wide] })
  }
  layers.push({ type: 'layerNorm' }, { type: 'tiedHead' })
  return { format: 'hydra-model/1', input: [context], layers, loss: 'masked-softmax-cross-entropy' }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}

const { width, layers, heads, context, vocabulary, json } = sizesOf(process.argv.slice(2))
const document = gpt(width, layers, heads, context, vocabulary)
const engine = createEngine(new Uint8Array(readFileSync(WASM)))
const model = engine.compile(document, 1)
model.initialise(hashOf(utf8('bench')))
const generator = engine.generator(document)
generator.setParameters(model.getParameters())
model.dispose()

const question = Array.from({ length: context >> 2 }, (_, i) => (i * 37) % vocabulary)
const firsts: number[] = []
const rates: number[] = []
for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
  generator.reset()
  const start = performance.now()
  let logits = new Float32Array(vocabulary)
  for (const token of question) logits = generator.feed(token) as Float32Array<ArrayBuffer>
  let token = generator.sample(logits, SAMPLING, 0)
  const first = performance.now()
  let count = 0
  while (generator.length < context) {
    token = generator.sample(generator.feed(token), SAMPLING, ++count)
  }
  if (round < WARM_UP_ROUNDS) continue
  firsts.push(first - start)
  rates.push((count / (performance.now() - first)) * 1000)
}

const result = {
  parameters: parameterCount(document),
  ...{ width, layers, heads, context, vocabulary },
  generatorBytes: engine.generatorBytesOf(document),
  questionTokens: question.length,
  tokensPerSecond: Math.round(median(rates)),
  firstTokenMs: Number(median(firsts).toFixed(2)),
}
if (json) console.log(JSON.stringify(result))
else {
  console.log(
    `${result.parameters} parameters, ${(result.generatorBytes / 1_048_576).toFixed(1)} MiB for the generator`,
  )
  console.log(`${result.tokensPerSecond} tokens/s, sampling included`)
  console.log(`${result.firstTokenMs} ms to the first token after a question of ${question.length} tokens`)
}
