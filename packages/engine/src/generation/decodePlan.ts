import { HydraError } from '@hydraai/core'
import type { Layer, ModelDocument } from '../document.ts'
import type { Slot } from '../graph/tensor.ts'
import { NORM_EPSILON } from '../primitives/norm.ts'
import { type ParameterTensor, parameterLayout, shapesOf, sizeOf } from '../shapes.ts'
import type { Kernels } from '../wasm.ts'
import { Layout } from './layout.ts'
import { packPanels, wholePanels } from './panels.ts'

/** A language model laid out for one token at a time, with the keys and values of every place so far. */
export interface DecodePlan {
  readonly context: number
  readonly vocabulary: number
  readonly parameterCount: number
  /** Bytes of the whole block, weights and caches included. */
  readonly bytes: number
  /** [vocabulary] after a run. */
  readonly logits: Slot
  /** One int32. */
  readonly token: Slot
  /** Puts the block at an address. To be called once, before anything else. */
  place(address: number): void
  /** Takes the parameters, in the order of `parameterLayout`, to where the kernels read them; `memory`: all of it. */
  load(parameters: Float32Array, memory: Float32Array): void
  /** From the token at place `place` to the logits of the next. The places before have run. */
  run(place: number): void
}

type Step = (place: number) => void
type Load = (parameters: Float32Array, memory: Float32Array) => void

const roundUp4 = (count: number): number => Math.ceil(count / 4) * 4

/**
 * Lays out a document that is a language model: an embedding first, then layers that work on each place alone, attention and
 * residual blocks, and at last logits over the embedding's vocabulary at every place.
 * @throws HydraError MODEL_INVALID, GENERATOR_UNSUPPORTED
 */
export function decodePlanOf(document: ModelDocument, kernels: Kernels): DecodePlan {
  const [context, vocabulary] = languageModelOf(document)
  const layout = new Layout()
  const tensors = parameterLayout(document)
  const steps: Step[] = []
  const loads: Load[] = []
  const token = layout.take(1)
  // Where GELU and SiLU write their slopes, which nobody reads.
  const slope = layout.take(widest(document))
  let next = 0
  let table: ParameterTensor | null = null

  const take = (): ParameterTensor => tensors[next++]!
  const valuesOf = (parameters: Float32Array, { offset, shape }: ParameterTensor): Float32Array =>
    parameters.subarray(offset, offset + sizeOf(shape))
  const copied = (tensor: ParameterTensor, room = sizeOf(tensor.shape)): Slot => {
    const slot = layout.take(room)
    loads.push((parameters, memory) => memory.set(valuesOf(parameters, tensor), slot.address / 4))
    return slot
  }
  const product = (
    x: Slot,
    tensor: ParameterTensor,
    [inputs, units]: readonly [number, number],
    transposed: boolean,
    biasTensor: ParameterTensor | null,
  ): Slot => {
    const whole = wholePanels(units)
    const panels = layout.take(inputs * whole)
    const bias = biasTensor === null ? layout.take(whole) : copied(biasTensor, whole)
    const y = layout.take(whole)
    loads.push((parameters, memory) => {
      packPanels(valuesOf(parameters, tensor), inputs, units, transposed, memory, panels.address / 4)
    })
    steps.push(() => kernels.decodeLinear(x.address, panels.address, bias.address, y.address, inputs, units))
    return y
  }
  const dense = (x: Slot, withBias: boolean): Slot => {
    const tensor = take()
    return product(x, tensor, [tensor.shape[0]!, tensor.shape[1]!], false, withBias ? take() : null)
  }
  const embedding = (): Slot => {
    table = take()
    const width = table.shape[1]!
    const [rows, positions, y] = [copied(table), copied(take()), layout.take(width)]
    steps.push(place => {
      const beside = positions.address + place * width * 4
      kernels.embedding(token.address, rows.address, beside, y.address, 1, 1, width)
    })
    return y
  }
  const attention = (x: Slot, width: number, heads: number): Slot => {
    const qkv = dense(x, true)
    const size = width / heads
    const keys = layout.take(width * roundUp4(context))
    const values = layout.take(context * heads * roundUp4(size))
    const [weights, mixed] = [layout.take(context), layout.take(width)]
    const scale = 1 / Math.sqrt(size)
    steps.push(place => {
      kernels.decodeAttention(
        qkv.address,
        keys.address,
        values.address,
        weights.address,
        mixed.address,
        place,
        context,
        heads,
        size,
        scale,
      )
    })
    return dense(mixed, true)
  }
  const layerNorm = (x: Slot, width: number): Slot => {
    const [gain, offset, y, stats] = [copied(take()), copied(take()), layout.take(width), layout.take(2)]
    steps.push(() => {
      const to = y.address
      kernels.layerNorm(x.address, to, gain.address, offset.address, stats.address, 1, width, NORM_EPSILON)
    })
    return y
  }
  const elementwise = (which: 'relu' | 'gelu' | 'silu', x: Slot, width: number): Slot => {
    const y = layout.take(width)
    steps.push(() => {
      if (which === 'relu') kernels.relu(x.address, y.address, width)
      else kernels[which](x.address, y.address, slope.address, width)
    })
    return y
  }
  const residual = (layers: readonly Layer[], x: Slot, width: number): Slot => {
    const branch = run(layers, x, width)
    const y = layout.take(width)
    steps.push(() => kernels.add(x.address, branch.address, y.address, width))
    return y
  }
  const layerOf = (layer: Layer, x: Slot, width: number): Slot => {
    switch (layer.type) {
      case 'embedding':
        return embedding()
      case 'dense':
        return dense(x, layer.bias !== 0)
      case 'attention':
        return attention(x, width, layer.heads)
      case 'layerNorm':
        return layerNorm(x, width)
      case 'relu':
      case 'gelu':
      case 'silu':
        return elementwise(layer.type, x, width)
      case 'residual':
        return residual(layer.layers, x, width)
      case 'tiedHead':
        return product(x, table!, [width, vocabulary], true, null)
      case 'dropout':
        return x
      default:
        throw unsupported(`a layer of type ${layer.type}`)
    }
  }
  const run = (layers: readonly Layer[], start: Slot, startWidth: number): Slot => {
    let [x, width] = [start, startWidth]
    for (const layer of layers) {
      x = layerOf(layer, x, width)
      width = widthAfter(layer, width)
    }
    return x
  }
  const logits = run(document.layers, token, 1)
  return {
    context,
    vocabulary,
    parameterCount: tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: layout.bytes,
    logits,
    token,
    place: address => layout.place(address),
    load(parameters, memory) {
      for (const load of loads) load(parameters, memory)
    },
    run(place) {
      for (const step of steps) step(place)
    },
  }
}

/** [context, vocabulary] of a document that predicts the next token at each place. */
function languageModelOf(document: ModelDocument): [number, number] {
  const [first] = document.layers
  const [context, classes, ...rest] = shapesOf(document).at(-1)!
  if (first?.type !== 'embedding') throw unsupported('a model that does not begin with an embedding')
  if (document.loss === 'mse') throw unsupported('a model with the loss mse')
  if (context === undefined || context !== document.input[0] || classes !== first.vocabulary || rest.length > 0) {
    throw unsupported('a model without logits over its vocabulary at every place')
  }
  return [context, classes]
}

function widthAfter(layer: Layer, width: number): number {
  if (layer.type === 'embedding') return layer.width
  return layer.type === 'dense' ? layer.units : width
}

/** The greatest width between two layers. */
function widest({ layers }: { layers: readonly Layer[] }): number {
  let width = 1
  for (const layer of layers) {
    width = Math.max(width, layer.type === 'residual' ? widest(layer) : widthAfter(layer, width))
  }
  return width
}

function unsupported(what: string): HydraError {
  return new HydraError('GENERATOR_UNSUPPORTED', `${what} cannot generate text`, {
    advice: 'Use a language model: an embedding, attention in residual blocks, and a tied head.',
  })
}
