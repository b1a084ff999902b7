import type { Recipe } from '@hydraai/core'
import { type Layer, type ModelDocument, parameterCount } from '@hydraai/engine'

/** A step goes forward once and back through inputs and weights; the optimiser passes over the parameters. */
const PASSES_PER_STEP = 3
const OPTIMISER_PASSES = 8

/**
 * About how many multiply-adds it takes to bring one sample forward through the model: what grows with the size of its
 * layers, which is what a bound on work has to see. Doubles, and only sums and products of whole numbers.
 */
export function operationsOf(document: ModelDocument): number {
  return walk(document.layers, { shape: [...document.input] }, document)
}

/** About how many multiply-adds one unit of training takes, its claims included. */
export function unitOperations(document: ModelDocument, recipe: Recipe): number {
  const { batchSize, stepsPerUnit, probeSamples } = recipe
  const forward = operationsOf(document)
  const step = PASSES_PER_STEP * batchSize * forward + OPTIMISER_PASSES * parameterCount(document)
  return stepsPerUnit * step + 2 * probeSamples * forward
}

interface Place {
  /** Of one sample before the layer. The engine has checked that the layers fit. */
  shape: number[]
}

function walk(layers: readonly Layer[], at: Place, document: ModelDocument): number {
  let operations = 0
  for (const layer of layers) operations += through(layer, at, document)
  return operations
}

/** The layer's multiply-adds; moves `at` behind it. */
function through(layer: Layer, at: Place, document: ModelDocument): number {
  const [first = 1, second = 1, third = 1] = at.shape
  switch (layer.type) {
    case 'conv2d': {
      const { filters, kernel, padding, stride = 1 } = layer
      const shrink = kernel - 1 - 2 * padding
      const [height, width] = [second, third].map(side => Math.floor((side - shrink - 1) / stride) + 1) as [
        number,
        number,
      ]
      at.shape = [filters, height, width]
      return filters * first * kernel * kernel * height * width
    }
    case 'maxpool2d':
    case 'avgpool2d':
      at.shape = [first, Math.floor(second / layer.size), Math.floor(third / layer.size)]
      return first * second * third
    case 'flatten':
      at.shape = [first * second * third]
      return 0
    case 'dense': {
      const inputs = at.shape.at(-1) ?? 1
      const places = at.shape.length === 1 ? 1 : first
      at.shape = [...at.shape.slice(0, -1), layer.units]
      return places * inputs * layer.units
    }
    case 'embedding':
      at.shape = [first, layer.width]
      return first * layer.width
    case 'attention':
      return first * second * (4 * second + 2 * first)
    case 'tiedHead': {
      const [table] = document.layers
      const vocabulary = table?.type === 'embedding' ? table.vocabulary : 1
      at.shape = [first, vocabulary]
      return first * second * vocabulary
    }
    case 'residual': {
      const inner = { shape: [...at.shape] }
      return walk(layer.layers, inner, document)
    }
    default:
      return first * second * third
  }
}
