import { hashOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import type { Layer, ModelDocument } from '../src/document.ts'
import { referenceLoss } from './reference.ts'
import { labels, openEngine, SMALL_CNN, values } from './support.ts'

function model(input: number[], layers: Layer[]): ModelDocument {
  return {
    format: 'hydra-model/1',
    input,
    layers: [...layers, { type: 'dense', units: 4 }],
    loss: 'softmax-cross-entropy',
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
}

const BATCH = 3
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
    const x = values(BATCH * document.input.reduce((a, b) => a * b, 1), 5)
    const y = labels(BATCH, 4, 6)
    const loss = compiled.trainStep(x, y)

    const exact = Float64Array.from(parameters)
    expect(Math.abs(loss - referenceLoss(document, exact, x, y))).toBeLessThan(1e-6)
    const gradients = compiled.getGradients()
    const scale = Math.max(...gradients.map(Math.abs))
    const stride = Math.ceil(parameters.length / 150)
    for (let i = 0; i < parameters.length; i += stride) {
      const step = 1e-6
      const at = (value: number): number => {
        const moved = exact.slice()
        moved[i] = value
        return referenceLoss(document, moved, x, y)
      }
      const slope = (at(exact[i]! + step) - at(exact[i]! - step)) / (2 * step)
      expect(Math.abs(gradients[i]! - slope), `parameter ${i}`).toBeLessThan(2e-6 * scale + 1e-7)
    }
  })
})
