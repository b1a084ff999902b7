import { hashOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import type { Layer, ModelDocument } from '../src/document.ts'
import { Reference } from './reference.ts'
import { labels, openEngine, SMALL_CNN, values } from './support.ts'

function model(input: number[], layers: Layer[]): ModelDocument {
  return {
    format: 'hydra-model/1',
    input,
    layers: [...layers, { type: 'dense', units: 4 }],
    loss: 'softmax-cross-entropy',
  }
}

function transformer(head: Layer[], loss: ModelDocument['loss']): ModelDocument {
  return {
    format: 'hydra-model/1',
    input: [7],
    layers: [
      { type: 'embedding', vocabulary: 11, width: 12 },
      ...Array.from({ length: 2 }, (): Layer[] => [
        { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 2 }] },
        {
          type: 'residual',
          layers: [{ type: 'layerNorm' }, { type: 'dense', units: 20 }, { type: 'gelu' }, { type: 'dense', units: 12 }],
        },
      ]).flat(),
      { type: 'layerNorm' },
      ...head,
    ],
    loss,
  }
}

const MODELS: Record<string, ModelDocument> = {
  'a linear classifier': model([6], []),
  'an MLP': model([7], [{ type: 'dense', units: 9 }, { type: 'relu' }, { type: 'dense', units: 5 }, { type: 'relu' }]),
  'a CNN with every layer': SMALL_CNN,
  'a CNN that pools without ReLU, then rectifies': model(
    [1, 9, 9],
    [
      { type: 'conv2d', filters: 3, kernel: 4, padding: 2 },
      { type: 'maxpool2d', size: 3 },
      { type: 'relu' },
      { type: 'conv2d', filters: 2, kernel: 3, padding: 2 },
      { type: 'flatten' },
    ],
  ),
  'a CNN that begins with pooling and ReLU': model(
    [2, 8, 6],
    [
      { type: 'relu' },
      { type: 'maxpool2d', size: 2 },
      { type: 'conv2d', filters: 4, kernel: 1, padding: 0 },
      { type: 'relu' },
      { type: 'flatten' },
    ],
  ),
  'a CNN with strides, averages and SiLU': model(
    [3, 11, 9],
    [
      { type: 'conv2d', filters: 4, kernel: 5, padding: 2, stride: 2 },
      { type: 'silu' },
      { type: 'conv2d', filters: 6, kernel: 3, padding: 1, stride: 3 },
      { type: 'avgpool2d', size: 2 },
      { type: 'flatten' },
    ],
  ),
  'a residual network with group norms': model(
    [2, 6, 7],
    [
      { type: 'conv2d', filters: 6, kernel: 3, padding: 1 },
      {
        type: 'residual',
        layers: [
          { type: 'groupNorm', groups: 3 },
          { type: 'relu' },
          { type: 'conv2d', filters: 6, kernel: 3, padding: 1 },
          { type: 'residual', layers: [{ type: 'relu' }] },
        ],
      },
      { type: 'residual', layers: [{ type: 'gelu' }] },
      { type: 'residual', layers: [{ type: 'conv2d', filters: 6, kernel: 1, padding: 0 }, { type: 'relu' }] },
      { type: 'avgpool2d', size: 3 },
      { type: 'flatten' },
      { type: 'layerNorm' },
    ],
  ),
  'an MLP with everything in residual blocks': model(
    [13],
    [
      { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'dense', units: 13 }, { type: 'silu' }] },
      {
        type: 'residual',
        layers: [{ type: 'dense', units: 9, bias: 0 }, { type: 'gelu' }, { type: 'dense', units: 13 }],
      },
    ],
  ),
  'an MLP for squared errors': {
    ...model([5], [{ type: 'dense', units: 7 }, { type: 'gelu' }]),
    loss: 'mse',
  },
  'a transformer': transformer([{ type: 'dense', units: 11, bias: 0 }], 'softmax-cross-entropy'),
  'a transformer with a tied head and masked labels': transformer(
    [{ type: 'tiedHead' }],
    'masked-softmax-cross-entropy',
  ),
}

const BATCH = 3
function dataOf(document: ModelDocument): { x: Float32Array | Int32Array; y: Float32Array | Int32Array } {
  const size = BATCH * document.input.reduce((a, b) => a * b, 1)
  if (document.layers[0]?.type === 'embedding') {
    const masked = document.loss === 'masked-softmax-cross-entropy'
    return { x: labels(size, 11, 5), y: labels(size, 11, 6).map((label, i) => (masked && i % 3 === 0 ? -1 : label)) }
  }
  return { x: values(size, 5), y: document.loss === 'mse' ? values(BATCH * 4, 6) : labels(BATCH, 4, 6) }
}

/** A rate so small that a step leaves the parameters as good as they were. */
const STILL = { type: 'sgd', learningRate: 0, momentum: 0, nesterov: false } as const

describe.each(Object.entries(MODELS))('the gradients of %s', (name, document) => {
  test('are the finite differences of a plain float64 reference', () => {
    const compiled = openEngine().compile(document, BATCH)
    compiled.initialise(hashOf(utf8(name)))
    // Biases that are not zero, so that theirs are tested too.
    const parameters = compiled.getParameters().map((v, i) => (v === 0 ? values(1, i)[0]! * 0.1 : v))
    compiled.setParameters(parameters)
    compiled.useOptimizer(STILL)
    const { x, y } = dataOf(document)
    const loss = compiled.trainStep(x, y)

    const exact = Float64Array.from(parameters)
    expect(Math.abs(loss - new Reference(document, exact).loss(x, y))).toBeLessThan(1e-6)
    const gradients = compiled.getGradients()
    const scale = Math.max(...gradients.map(Math.abs))
    const stride = Math.ceil(parameters.length / 150)
    for (let i = 0; i < parameters.length; i += stride) {
      const step = 1e-6
      const at = (value: number): number => {
        const moved = exact.slice()
        moved[i] = value
        return new Reference(document, moved).loss(x, y)
      }
      const slope = (at(exact[i]! + step) - at(exact[i]! - step)) / (2 * step)
      expect(Math.abs(gradients[i]! - slope), `parameter ${i}`).toBeLessThan(2e-6 * scale + 1e-7)
    }
  })
})
