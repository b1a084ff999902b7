// Workloads: a model, its first weights and batches of data, in a pair of files that the engine and PyTorch both read.
//
// NAME.bin holds little-endian float32 and int32 arrays back to back; NAME.json names them in order, with shape, dtype
// and byte offset: the weights in the order of the model's parameters, then X [batches, batch, ...input], Y [batches, batch].
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CounterRandom, taggedHash, utf8 } from '@hydraai/core'
import { createEngine, type Layer, type ModelDocument, parameterLayout } from '@hydraai/engine'

export const WASM = new URL('../../packages/engine/build/engine.wasm', import.meta.url)

/** Samples in a batch of the workloads on which tests compare the engine with PyTorch. */
export const SMALL_BATCH: Readonly<Record<string, number>> = { mlp: 4, cnn: 4, gpt: 1 }

/** Beside the models: the product of two square matrices of this size. */
export const MATMUL = 'matmul'
export const MATMUL_SIZE = 1024

/** The models of the benchmark, by name. */
export const DOCUMENTS: Readonly<Record<string, ModelDocument>> = {
  mlp: {
    format: 'hydra-model/1',
    input: [784],
    layers: [{ type: 'dense', units: 256 }, { type: 'relu' }, { type: 'dense', units: 10 }],
    loss: 'softmax-cross-entropy',
  },
  cnn: {
    format: 'hydra-model/1',
    input: [1, 28, 28],
    layers: [
      { type: 'conv2d', filters: 16, kernel: 3, padding: 1 },
      { type: 'relu' },
      { type: 'maxpool2d', size: 2 },
      { type: 'conv2d', filters: 32, kernel: 3, padding: 1 },
      { type: 'relu' },
      { type: 'maxpool2d', size: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 10 },
    ],
    loss: 'softmax-cross-entropy',
  },
  gpt: {
    format: 'hydra-model/1',
    input: [128],
    layers: [
      { type: 'embedding', vocabulary: 512, width: 128 },
      ...Array.from({ length: 4 }, (): Layer[] => [
        { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 4 }] },
        {
          type: 'residual',
          layers: [
            { type: 'layerNorm' },
            { type: 'dense', units: 512 },
            { type: 'gelu' },
            { type: 'dense', units: 128 },
          ],
        },
      ]).flat(),
      { type: 'layerNorm' },
      { type: 'dense', units: 512, bias: 0 },
    ],
    loss: 'softmax-cross-entropy',
  },
}

export interface Workload {
  parameters: Float32Array
  /** One entry a batch. */
  batches: { x: Float32Array | Int32Array; y: Int32Array }[]
  batch: number
}

interface ManifestEntry {
  name: string
  shape: number[]
  dtype: string
  offset: number
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

/** Reads one workload. @throws Error naming the file and what does not fit */
export function readWorkload(folder: string, name: string): Workload {
  const manifest = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as ManifestEntry[]
  const file = readFileSync(join(folder, `${name}.bin`))
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length)
  const entryOf = (key: string): ManifestEntry => {
    const entry = manifest.find(candidate => candidate.name === key)
    if (entry === undefined) throw new Error(`${name}.json: ${key} is missing`)
    return entry
  }
  const x = entryOf('X')
  const y = entryOf('Y')
  const [count, batch] = [x.shape[0]!, x.shape[1]!]
  const layout = parameterLayout(DOCUMENTS[name]!)
  const weights = manifest.slice(0, layout.length)
  layout.forEach((tensor, i) => {
    if (`${weights[i]?.shape}` !== `${tensor.shape}` || weights[i]?.offset !== tensor.offset * 4) {
      throw new Error(`${name}.json: array ${i} is not ${tensor.name} [${tensor.shape}]`)
    }
  })
  const last = layout.at(-1)!
  const [size, targets] = [sizeOf(x.shape.slice(2)), sizeOf(y.shape.slice(2))]
  const Samples = x.dtype === 'int32' ? Int32Array : Float32Array
  return {
    parameters: new Float32Array(bytes, 0, last.offset + sizeOf(last.shape)),
    batches: Array.from({ length: count }, (_, i) => ({
      x: new Samples(bytes, x.offset + i * batch * size * 4, batch * size),
      y: new Int32Array(bytes, y.offset + i * batch * targets * 4, batch * targets),
    })),
    batch,
  }
}

type Drawn = Pick<Workload['batches'][number], 'x' | 'y'>

/** Draws a workload from its name alone and writes its two files: noisy prototypes of classes, or walks over tokens. */
export function writeWorkload(folder: string, name: string, batch: number, batches = 20): void {
  const document = DOCUMENTS[name]!
  const seed = taggedHash('hydra/bench/1', utf8(name))
  const random = new CounterRandom(seed)
  const first = document.layers[0]!
  const size = sizeOf(document.input)
  const tokens = first.type === 'embedding'
  const { x, y } = tokens
    ? drawTokens(random, batches * batch, size, first.vocabulary)
    : drawClasses(random, batches * batch, size)
  const model = createEngine(readFileSync(WASM)).compile(document, 1)
  model.initialise(seed)
  const parameters = model.getParameters()

  const manifest: ManifestEntry[] = parameterLayout(document).map(({ name: key, shape, offset }) => ({
    name: key,
    shape,
    dtype: 'float32',
    offset: offset * 4,
  }))
  const xAt = parameters.byteLength
  const yShape = tokens ? [batches, batch, size] : [batches, batch]
  manifest.push({
    name: 'X',
    shape: [batches, batch, ...document.input],
    dtype: tokens ? 'int32' : 'float32',
    offset: xAt,
  })
  manifest.push({ name: 'Y', shape: yShape, dtype: 'int32', offset: xAt + x.byteLength })
  const arrays = [parameters, x, y].map(array => Buffer.from(array.buffer, array.byteOffset, array.byteLength))
  writeFileSync(join(folder, `${name}.bin`), Buffer.concat(arrays))
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(manifest))
}

function drawClasses(random: CounterRandom, count: number, size: number): Drawn {
  const noise = (): number => (random.uint32() / 2 ** 32 - 0.5) * 3.4
  const prototypes = Float32Array.from({ length: 10 * size }, noise)
  const y = Int32Array.from({ length: count }, () => random.below(10))
  const x = new Float32Array(count * size)
  for (let i = 0; i < x.length; i++) {
    x[i] = prototypes[y[Math.floor(i / size)]! * size + (i % size)]! * 0.5 + noise()
  }
  return { x, y }
}

/** Walks in which each token is followed by one of two others; the label of a place is the next token. */
function drawTokens(random: CounterRandom, count: number, context: number, vocabulary: number): Drawn {
  const followers = Int32Array.from({ length: 2 * vocabulary }, () => random.below(vocabulary))
  const x = new Int32Array(count * context)
  const y = new Int32Array(count * context)
  for (let row = 0; row < count; row++) {
    let token = random.below(vocabulary)
    for (let place = 0; place < context; place++) {
      x[row * context + place] = token
      token = followers[2 * token + random.below(2)]!
      y[row * context + place] = token
    }
  }
  return { x, y }
}
