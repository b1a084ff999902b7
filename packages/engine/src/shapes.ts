import { HydraError } from '@hydraai/core'
import type { Layer, ModelDocument } from './document.ts'

/** Most parameters, and most values between two layers for one sample, that a document may ask for. */
export const MAX_ELEMENTS = 67_108_864

/** One tensor of parameters: `offset` counts float32 values from the start of the flat parameter vector. */
export interface ParameterTensor {
  name: string
  /**
   * conv2d weight: [filters, channels, kernel, kernel]; dense weight: [inputs, units]; embedding: [vocabulary, width] and
   * positions [context, width]; attention: qkv [width, 3 · width], out [width, width]; biases, gains, offsets: [length].
   */
  shape: number[]
  offset: number
}

/** What a tensor begins with: ones, zeros, or normal numbers. */
export type Filling = { kind: 'constant'; value: number } | { kind: 'normal'; deviation: number }

export interface FilledTensor {
  readonly tensor: ParameterTensor
  readonly filling: Filling
}

const ZEROS: Filling = { kind: 'constant', value: 0 }
const ONES: Filling = { kind: 'constant', value: 1 }
const EMBEDDING_DEVIATION = 0.02

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

function rowOf(shape: readonly number[], where: string): number {
  if (shape.length > 2) {
    throw invalid(where, `needs [features] or [context, width] but gets [${shape}]`, 'Put a flatten layer before it.')
  }
  return shape.at(-1)!
}

function sequenceOf(shape: readonly number[], where: string): [number, number] {
  if (shape.length !== 2) {
    throw invalid(where, `needs [context, width] but gets [${shape}]`, 'Begin with an embedding layer.')
  }
  return [shape[0]!, shape[1]!]
}

function convolved(layer: Extract<Layer, { type: 'conv2d' }>, shape: readonly number[], where: string): number[] {
  const [, height, width] = imageOf(shape, where)
  const shrink = layer.kernel - 1 - 2 * layer.padding
  if (layer.padding >= layer.kernel) {
    throw invalid(where, `padding ${layer.padding} with kernel ${layer.kernel}`, 'Use less padding than kernel.')
  }
  if (height <= shrink || width <= shrink) {
    throw invalid(where, `kernel ${layer.kernel} is larger than its input [${shape}]`, 'Use a smaller kernel.')
  }
  const stride = layer.stride ?? 1
  return [layer.filters, Math.floor((height - shrink - 1) / stride) + 1, Math.floor((width - shrink - 1) / stride) + 1]
}

function pooled(size: number, shape: readonly number[], where: string): number[] {
  const [channels, height, width] = imageOf(shape, where)
  if (height < size || width < size) {
    throw invalid(where, `window ${size} is larger than its input [${shape}]`, 'Use a smaller window.')
  }
  return [channels, Math.floor(height / size), Math.floor(width / size)]
}

/** The shape of one sample behind a layer. @throws HydraError MODEL_INVALID */
export function shapeAfter(layer: Layer, shape: readonly number[], where: string, document: ModelDocument): number[] {
  switch (layer.type) {
    case 'conv2d':
      return convolved(layer, shape, where)
    case 'maxpool2d':
    case 'avgpool2d':
      return pooled(layer.size, shape, where)
    case 'dense':
      rowOf(shape, where)
      return [...shape.slice(0, -1), layer.units]
    case 'flatten':
      return [sizeOf(shape)]
    case 'embedding':
      if (document.layers[0] !== layer || document.input.length !== 1) {
        throw invalid(where, 'is not the first layer of an input [context]', 'Put it first, after tokens.')
      }
      return [shape[0]!, layer.width]
    case 'layerNorm':
      rowOf(shape, where)
      return [...shape]
    case 'groupNorm': {
      const [channels] = imageOf(shape, where)
      if (channels % layer.groups !== 0) {
        throw invalid(where, `${channels} channels are no multiple of ${layer.groups} groups`, 'Use another number.')
      }
      return [...shape]
    }
    case 'attention': {
      const [context, width] = sequenceOf(shape, where)
      if (width % layer.heads !== 0) {
        throw invalid(where, `a width of ${width} is no multiple of ${layer.heads} heads`, 'Use another number.')
      }
      if (layer.heads * context * context > MAX_ELEMENTS) {
        throw invalid(where, `a context of ${context} is too large`, 'Use a shorter one.')
      }
      return [...shape]
    }
    case 'residual': {
      if (layer.layers.length === 0) throw invalid(where, 'holds no layers', 'Put at least one into it.')
      const inner = shapesThrough(layer.layers, shape, `${where}, `, document).at(-1)!
      if (`${inner}` !== `${shape}`) {
        throw invalid(where, `makes [${inner}] of [${shape}]`, 'Let its layers end with the shape they begin with.')
      }
      return [...shape]
    }
    case 'tiedHead': {
      const [first] = document.layers
      const [context, width] = sequenceOf(shape, where)
      if (first?.type !== 'embedding' || document.layers.at(-1) !== layer || first.width !== width) {
        throw invalid(where, 'is not the last layer, as wide as the embedding', 'Use a dense layer instead.')
      }
      return [context, first.vocabulary]
    }
    case 'relu':
    case 'gelu':
    case 'silu':
    case 'dropout':
      return [...shape]
  }
}

function shapesThrough(
  layers: readonly Layer[],
  input: readonly number[],
  before: string,
  document: ModelDocument,
): number[][] {
  const shapes = [[...input]]
  layers.forEach((layer, index) => {
    const where = `${before}layer ${index} (${layer.type})`
    const shape = shapeAfter(layer, shapes[index]!, where, document)
    if (sizeOf(shape) > MAX_ELEMENTS) throw invalid(where, `[${shape}] is too large`, 'Use fewer values.')
    shapes.push(shape)
  })
  return shapes
}

/**
 * The shape of one sample before each layer and after the last: `layers.length + 1` shapes.
 * @throws HydraError MODEL_INVALID where the document's layers do not fit together or ask for too much
 */
export function shapesOf(document: ModelDocument): number[][] {
  const { input, layers, loss } = document
  if (input.length !== 1 && input.length !== 3) {
    throw invalid('input', `the shape [${input}]`, 'Use [features], [channels, height, width] or [context].')
  }
  if (sizeOf(input) > MAX_ELEMENTS) throw invalid('input', `[${input}] is too large`, 'Use fewer values.')
  const shapes = shapesThrough(layers, input, '', document)
  const classes = shapes[layers.length]!
  if (loss !== 'mse' && (classes.length > 2 || classes.at(-1)! < 2)) {
    throw invalid('loss', `needs [classes], two or more, but gets [${classes}]`, 'End with a dense layer.')
  }
  return shapes
}

/** Every tensor of parameters in order, and how it begins. @throws HydraError MODEL_INVALID */
export function filledTensors(document: ModelDocument): FilledTensor[] {
  shapesOf(document)
  const tensors: FilledTensor[] = []
  const blocks = residualBlocks(document.layers)
  let offset = 0
  const add = (name: string, shape: number[], filling: Filling): void => {
    tensors.push({ tensor: { name, shape, offset }, filling })
    offset += sizeOf(shape)
  }
  const walk = (layers: readonly Layer[], input: readonly number[], prefix: string, inBlock: boolean): void => {
    let shape: readonly number[] = input
    layers.forEach((layer, index) => {
      const name = `${prefix}layers.${index}`
      // What ends a residual block is added to the stream once a block: the variances of all of them add up to one.
      const last = inBlock && !layers.slice(index + 1).some(hasWeights)
      const share = last ? 1 / blocks : 1
      const normal = (inputs: number, gain = 1): Filling => {
        return { kind: 'normal', deviation: Math.sqrt((gain * share) / inputs) }
      }
      if (layer.type === 'conv2d') {
        const inputs = shape[0]! * layer.kernel * layer.kernel
        add(
          `${name}.weight`,
          [layer.filters, shape[0]!, layer.kernel, layer.kernel],
          normal(inputs, gainOf(layers[index + 1])),
        )
        add(`${name}.bias`, [layer.filters], ZEROS)
      } else if (layer.type === 'dense') {
        const inputs = shape.at(-1)!
        add(`${name}.weight`, [inputs, layer.units], normal(inputs, gainOf(layers[index + 1])))
        if (layer.bias !== 0) add(`${name}.bias`, [layer.units], ZEROS)
      } else if (layer.type === 'embedding') {
        const filling: Filling = { kind: 'normal', deviation: EMBEDDING_DEVIATION }
        add(`${name}.weight`, [layer.vocabulary, layer.width], filling)
        add(`${name}.positions`, [shape[0]!, layer.width], filling)
      } else if (layer.type === 'layerNorm' || layer.type === 'groupNorm') {
        const length = layer.type === 'layerNorm' ? shape.at(-1)! : shape[0]!
        add(`${name}.weight`, [length], ONES)
        add(`${name}.bias`, [length], ZEROS)
      } else if (layer.type === 'attention') {
        const width = shape[1]!
        add(`${name}.qkv.weight`, [width, 3 * width], { kind: 'normal', deviation: Math.sqrt(1 / width) })
        add(`${name}.qkv.bias`, [3 * width], ZEROS)
        add(`${name}.out.weight`, [width, width], normal(width))
        add(`${name}.out.bias`, [width], ZEROS)
      } else if (layer.type === 'residual') {
        walk(layer.layers, shape, `${name}.`, true)
      }
      shape = shapeAfter(layer, shape, name, document)
    })
  }
  walk(document.layers, document.input, '', false)
  if (offset > MAX_ELEMENTS) throw invalid('layers', `${offset} parameters`, `Stay within ${MAX_ELEMENTS}.`)
  if (offset === 0) throw invalid('layers', 'nothing to train', 'Add a dense or conv2d layer.')
  return tensors
}

/** What follows a weight decides its spread: a rectifier lets half of the variance through (He et al., 2015). */
function gainOf(next: Layer | undefined): number {
  return next?.type === 'relu' || next?.type === 'gelu' || next?.type === 'silu' ? 2 : 1
}

function hasWeights(layer: Layer): boolean {
  return ['conv2d', 'dense', 'attention', 'residual'].includes(layer.type)
}

function residualBlocks(layers: readonly Layer[]): number {
  let count = 0
  for (const layer of layers) if (layer.type === 'residual') count += 1 + residualBlocks(layer.layers)
  return count
}

/** Where each layer's tensors stand in the flat parameter vector. @throws HydraError MODEL_INVALID */
export function parameterLayout(document: ModelDocument): ParameterTensor[] {
  return filledTensors(document).map(({ tensor }) => tensor)
}

/** How many float32 values the parameters are. @throws HydraError MODEL_INVALID */
export function parameterCount(document: ModelDocument): number {
  return parameterLayout(document).reduce((count, tensor) => count + sizeOf(tensor.shape), 0)
}

/** @throws HydraError MODEL_INVALID */
export function checkShapes(document: ModelDocument): void {
  parameterLayout(document)
}
