import { HydraError } from '@hydraai/core'
import type { Layer, ModelDocument } from './document.ts'

/** Most parameters, and most values between two layers for one sample, that a document may ask for. */
export const MAX_ELEMENTS = 67_108_864

/** One tensor of parameters: `offset` counts float32 values from the start of the flat parameter vector. */
export interface ParameterTensor {
  name: string
  /** conv2d weight: [filters, channels, kernel, kernel]; dense weight: [inputs, units]; bias: [filters] or [units]. */
  shape: number[]
  offset: number
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

function invalid(where: string, problem: string, advice: string): HydraError {
  return new HydraError('MODEL_INVALID', `${where}: ${problem}`, { advice })
}

function imageOf(shape: readonly number[], where: string): [number, number, number] {
  if (shape.length !== 3) {
    throw invalid(where, `needs [channels, height, width] but gets [${shape}]`, 'Put it before the flatten layer.')
  }
  return [shape[0]!, shape[1]!, shape[2]!]
}

function shapeAfter(layer: Layer, shape: readonly number[], where: string): number[] {
  switch (layer.type) {
    case 'conv2d': {
      const [, height, width] = imageOf(shape, where)
      const shrink = layer.kernel - 1 - 2 * layer.padding
      if (layer.padding >= layer.kernel) {
        throw invalid(where, `padding ${layer.padding} with kernel ${layer.kernel}`, 'Use less padding than kernel.')
      }
      if (height <= shrink || width <= shrink) {
        throw invalid(where, `kernel ${layer.kernel} is larger than its input [${shape}]`, 'Use a smaller kernel.')
      }
      return [layer.filters, height - shrink, width - shrink]
    }
    case 'maxpool2d': {
      const [channels, height, width] = imageOf(shape, where)
      if (height < layer.size || width < layer.size) {
        throw invalid(where, `window ${layer.size} is larger than its input [${shape}]`, 'Use a smaller window.')
      }
      return [channels, Math.floor(height / layer.size), Math.floor(width / layer.size)]
    }
    case 'dense':
      if (shape.length !== 1) {
        throw invalid(where, `needs [features] but gets [${shape}]`, 'Put a flatten layer before it.')
      }
      return [layer.units]
    case 'flatten':
      return [sizeOf(shape)]
    case 'relu':
      return [...shape]
  }
}

/**
 * The shape of one sample before each layer and after the last: `layers.length + 1` shapes.
 * @throws HydraError MODEL_INVALID where the document's layers do not fit together or ask for too much
 */
export function shapesOf(document: ModelDocument): number[][] {
  const { input, layers } = document
  if (input.length !== 1 && input.length !== 3) {
    throw invalid('input', `the shape [${input}]`, 'Use [features] or [channels, height, width].')
  }
  const shapes = [[...input]]
  layers.forEach((layer, index) => {
    shapes.push(shapeAfter(layer, shapes[index]!, `layer ${index} (${layer.type})`))
  })
  for (const [index, shape] of shapes.entries()) {
    if (sizeOf(shape) > MAX_ELEMENTS) {
      throw invalid(index === 0 ? 'input' : `layer ${index - 1}`, `[${shape}] is too large`, 'Use fewer values.')
    }
  }
  const classes = shapes[layers.length]!
  if (classes.length !== 1 || classes[0]! < 2) {
    throw invalid('loss', `needs [classes], two or more, but gets [${classes}]`, 'End with a dense layer.')
  }
  return shapes
}

/** Where each layer's weight and bias stand in the flat parameter vector. @throws HydraError MODEL_INVALID */
export function parameterLayout(document: ModelDocument): ParameterTensor[] {
  const shapes = shapesOf(document)
  const tensors: ParameterTensor[] = []
  let offset = 0
  const add = (name: string, shape: number[]): void => {
    tensors.push({ name, shape, offset })
    offset += sizeOf(shape)
  }
  document.layers.forEach((layer, index) => {
    const channels = shapes[index]![0]!
    if (layer.type === 'conv2d') {
      add(`layers.${index}.weight`, [layer.filters, channels, layer.kernel, layer.kernel])
      add(`layers.${index}.bias`, [layer.filters])
    } else if (layer.type === 'dense') {
      add(`layers.${index}.weight`, [channels, layer.units])
      add(`layers.${index}.bias`, [layer.units])
    }
  })
  if (offset > MAX_ELEMENTS) throw invalid('layers', `${offset} parameters`, `Stay within ${MAX_ELEMENTS}.`)
  if (offset === 0) throw invalid('layers', 'nothing to train', 'Add a dense or conv2d layer.')
  return tensors
}

/** How many float32 values the parameters are. @throws HydraError MODEL_INVALID */
export function parameterCount(document: ModelDocument): number {
  return parameterLayout(document).reduce((count, tensor) => count + sizeOf(tensor.shape), 0)
}

/** @throws HydraError MODEL_INVALID */
export function checkShapes(document: ModelDocument): void {
  parameterLayout(document)
}
