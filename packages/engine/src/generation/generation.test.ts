import { HydraError, hashOf, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openEngine, readWasm, values } from '../../test/support.ts'
import type { Layer, ModelDocument } from '../document.ts'
import { createEngine } from '../engine.ts'
import { parameterCount } from '../shapes.ts'

const engine = openEngine()
const code = (name: string) => expect.objectContaining({ code: name })

const languageModel = (context: number, vocabulary: number, width: number, layers: Layer[]): ModelDocument => ({
  format: 'hydra-model/1',
  input: [context],
  layers: [{ type: 'embedding', vocabulary, width }, ...layers],
  loss: 'masked-softmax-cross-entropy',
})
const block = (...layers: Layer[]): Layer => ({ type: 'residual', layers })

const GPT = languageModel(19, 43, 24, [
  { type: 'dropout', ratePpm: 200_000 },
  block({ type: 'layerNorm' }, { type: 'attention', heads: 2 }, { type: 'dropout', ratePpm: 100_000 }),
  block({ type: 'layerNorm' }, { type: 'dense', units: 70 }, { type: 'gelu' }, { type: 'dense', units: 24 }),
  { type: 'layerNorm' },
  { type: 'tiedHead' },
])

const parametersOf = (document: ModelDocument, scale = 0.4): Float32Array =>
  values(parameterCount(document), 5).map(value => value * scale)

/** The logits of every place, one token after another. */
function decoded(document: ModelDocument, tokens: Int32Array): Float32Array[] {
  const generator = engine.generator(document)
  generator.setParameters(parametersOf(document))
  const logits = Array.from(tokens, token => generator.feed(token))
  generator.dispose()
  return logits
}

function wholeLogits(document: ModelDocument, tokens: Int32Array): Float32Array[] {
  const model = engine.compile(document, 1)
  model.setParameters(parametersOf(document))
  const flat = model.logits(tokens, 1)
  model.dispose()
  const classes = flat.length / tokens.length
  return Array.from(tokens, (_, place) => flat.slice(place * classes, (place + 1) * classes))
}

const tokensOf = (count: number, vocabulary: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => (i * 29 + 7) % vocabulary)

describe('the logits of a generator have the bits of Model.logits at every place', () => {
  const documents: Record<string, ModelDocument> = {
    'a GPT with dropout': GPT,
    'a dense head without bias, SiLU, ReLU, odd sizes': languageModel(7, 45, 15, [
      block({ type: 'attention', heads: 3 }, { type: 'relu' }),
      block({ type: 'layerNorm' }, block({ type: 'silu' }, { type: 'dense', units: 15, bias: 0 })),
      { type: 'dense', units: 45, bias: 0 },
    ]),
    'a dense head with bias, attention outside of blocks': languageModel(33, 130, 64, [
      { type: 'attention', heads: 4 },
      { type: 'gelu' },
      { type: 'dense', units: 100 },
      { type: 'silu' },
      { type: 'dense', units: 130 },
    ]),
    'one head of one value': languageModel(3, 5, 1, [{ type: 'attention', heads: 1 }, { type: 'tiedHead' }]),
    'no attention': languageModel(1, 2, 3, [{ type: 'dense', units: 2 }]),
  }
  test.each(Object.entries(documents))('%s', (_, document) => {
    const vocabulary = (document.layers[0] as { vocabulary: number }).vocabulary
    const tokens = tokensOf(document.input[0]!, vocabulary)
    expect(decoded(document, tokens)).toEqual(wholeLogits(document, tokens))
  })

  test('documents drawn at random', () => {
    const layer = (width: number, depth: number): fc.Arbitrary<Layer> =>
      fc.oneof(
        fc.constantFrom<Layer>({ type: 'layerNorm' }, { type: 'relu' }, { type: 'gelu' }, { type: 'silu' }),
        fc.constant<Layer>({ type: 'dropout', ratePpm: 500_000 }),
        fc.constantFrom(0, 1).map((bias): Layer => ({ type: 'dense', units: width, bias })),
        fc
          .constantFrom(...[1, 2, 3, 4, 5].filter(heads => width % heads === 0))
          .map((heads): Layer => ({ type: 'attention', heads })),
        ...(depth === 0
          ? []
          : [fc.array(layer(width, depth - 1), { minLength: 1, maxLength: 3 }).map(layers => block(...layers))]),
      )
    const document = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 20 }))
      .chain(([context, vocabulary, width]) =>
        fc
          .tuple(
            fc.array(layer(width, 2), { maxLength: 4 }),
            fc.constantFrom<Layer>({ type: 'tiedHead' }, { type: 'dense', units: vocabulary }),
          )
          .map(([layers, head]) => languageModel(context, vocabulary, width, [...layers, head])),
      )
    fc.assert(
      fc.property(document, document => {
        const vocabulary = (document.layers[0] as { vocabulary: number }).vocabulary
        const tokens = tokensOf(document.input[0]!, vocabulary)
        expect(decoded(document, tokens)).toEqual(wholeLogits(document, tokens))
      }),
      { numRuns: 60 },
    )
    expect(engine.allocatedBytes).toBe(0)
  })
})

describe('a generator', () => {
  const tokens = tokensOf(19, 43)

  test('takes the memory that was computed, once, and gives it back', () => {
    const own = openEngine()
    const generator = own.generator(GPT)
    expect(own.allocatedBytes).toBe(own.generatorBytesOf(GPT))
    generator.setParameters(parametersOf(GPT))
    for (const token of tokens) generator.feed(token)
    expect(own.allocatedBytes).toBe(own.generatorBytesOf(GPT))
    generator.dispose()
    generator.dispose()
    expect(own.allocatedBytes).toBe(0)
    for (const call of [
      () => generator.feed(1),
      () => generator.reset(),
      () => generator.setParameters(parametersOf(GPT)),
    ]) {
      expect(call).toThrow(code('MODEL_DISPOSED'))
    }
  })

  test('forgets all tokens when reset, and when it gets other parameters', () => {
    const generator = engine.generator(GPT)
    generator.setParameters(parametersOf(GPT))
    const first = Array.from(tokens, token => generator.feed(token))
    expect(generator.length).toBe(19)
    generator.reset()
    expect(generator.length).toBe(0)
    expect(Array.from(tokens, token => generator.feed(token))).toEqual(first)
    generator.setParameters(parametersOf(GPT, 0.1))
    expect(generator.length).toBe(0)
    expect(generator.feed(tokens[0]!)).not.toEqual(first[0])
    generator.dispose()
  })

  test('is not disturbed by models beside it, nor by memory that grows', () => {
    const own = createEngine(readWasm())
    const generator = own.generator(GPT)
    generator.setParameters(parametersOf(GPT))
    const found = Array.from(tokens, token => {
      const model = own.compile(GPT, 1 + token * 8)
      model.initialise(hashOf(utf8('beside')))
      const logits = generator.feed(token)
      if (token % 2 === 0) model.dispose()
      return logits
    })
    expect(found).toEqual(decoded(GPT, tokens))
  })

  test('holds no more tokens than its context', () => {
    const generator = engine.generator(GPT)
    for (const token of tokens) generator.feed(token)
    expect(() => generator.feed(1)).toThrow(code('CONTEXT_FULL'))
    generator.dispose()
  })

  test.each([-1, 43, 0.5, Number.NaN, 2 ** 32])('refuses token %d and goes on', token => {
    const generator = engine.generator(GPT)
    expect(() => generator.feed(token)).toThrow(code('TOKEN_INVALID'))
    expect(generator.length).toBe(0)
    generator.dispose()
  })

  test('refuses parameters of another number', () => {
    const generator = engine.generator(GPT)
    expect(() => generator.setParameters(new Float32Array(3))).toThrow(code('SHAPE_MISMATCH'))
    generator.dispose()
  })

  test('is refused where the memory is too small, and nothing is kept', () => {
    const small = createEngine(readWasm(), { memoryPages: 32 })
    const large = languageModel(512, 1024, 256, [block({ type: 'attention', heads: 4 }), { type: 'tiedHead' }])
    expect(() => small.generator(large)).toThrow(code('ENGINE_MEMORY'))
    expect(small.allocatedBytes).toBe(0)
  })
})

describe('no generator is made of', () => {
  const of = (layers: Layer[], input = [5], loss: ModelDocument['loss'] = 'softmax-cross-entropy'): ModelDocument => ({
    format: 'hydra-model/1',
    input,
    layers,
    loss,
  })
  const embedding: Layer = { type: 'embedding', vocabulary: 9, width: 4 }
  test.each([
    ['a model of numbers', of([{ type: 'dense', units: 3 }])],
    [
      'a model of images',
      of(
        [{ type: 'conv2d', filters: 2, kernel: 3, padding: 1 }, { type: 'flatten' }, { type: 'dense', units: 3 }],
        [1, 8, 8],
      ),
    ],
    ['a classifier of whole sequences', of([embedding, { type: 'flatten' }, { type: 'dense', units: 9 }])],
    ['logits over other than the vocabulary', of([embedding, { type: 'dense', units: 8 }])],
    ['a model with mean squared error', of([embedding, { type: 'tiedHead' }], [5], 'mse')],
  ])('%s', (_, document) => {
    expect(() => engine.generator(document)).toThrow(code('GENERATOR_UNSUPPORTED'))
    expect(() => engine.generatorBytesOf(document)).toThrow(code('GENERATOR_UNSUPPORTED'))
  })

  test('a document that does not fit together', () => {
    expect(() => engine.generator(of([embedding, { type: 'attention', heads: 3 }, { type: 'tiedHead' }]))).toThrow(
      HydraError,
    )
    expect(engine.allocatedBytes).toBe(0)
  })
})
