import type { Layer, ModelDocument } from '../document.ts'
import { dropout, relu, smooth } from '../primitives/activation.ts'
import { convolution } from '../primitives/convolution.ts'
import { linear, tiedHead } from '../primitives/linear.ts'
import { groupNorm, layerNorm } from '../primitives/norm.ts'
import { avgPool, maxPool } from '../primitives/pooling.ts'
import { attention, embedding } from '../primitives/sequence.ts'
import { type ParameterTensor, shapeAfter, sizeOf } from '../shapes.ts'
import type { GraphContext, GraphNode, Primitive } from './node.ts'
import { Slot, type Tensor } from './tensor.ts'

/** A document as primitives, each after all that it needs. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly input: Slot
  readonly output: Tensor
  /** How many streams of randomness dropout draws from. */
  readonly streams: number
}

/** The document's layers as a graph over tensors of `context.batch` samples. The document fits together already. */
export function graphOf(document: ModelDocument, context: GraphContext): Graph {
  const nodes: GraphNode[] = []
  const elements = sizeOf(document.input)
  const input: Tensor = { slot: new Slot(context.batch * elements * 4), elements, trained: false, free: true }
  let table: ParameterTensor | null = null
  let streams = 0

  const put = (node: Primitive): Tensor => {
    nodes.push(node)
    return node.output
  }
  const attend = (tensor: Tensor, places: number, heads: number): Tensor => {
    const qkv = put(linear(context, tensor, places, context.take(), context.take()))
    const mixed = put(attention(context, qkv, places, heads))
    return put(linear(context, mixed, places, context.take(), context.take()))
  }
  const residual = (layers: readonly Layer[], tensor: Tensor, shape: readonly number[]): Tensor => {
    const first = { ...tensor, free: false }
    const second = run(layers, first, shape)
    const output: Tensor = {
      slot: new Slot(tensor.slot.bytes),
      elements: tensor.elements,
      trained: first.trained || second.trained,
      free: true,
    }
    nodes.push({ kind: 'sum', first, second, output })
    return output
  }
  const layerOf = (
    layer: Layer,
    tensor: Tensor,
    shape: readonly number[],
    layers: readonly Layer[],
    index: number,
  ): Tensor => {
    const places = shape.length === 2 ? shape[0]! : 1
    switch (layer.type) {
      case 'dense':
        return put(linear(context, tensor, places, context.take(), layer.bias === 0 ? null : context.take()))
      case 'conv2d':
        return put(convolution(context, tensor, layer, shape, shapeAfter(layer, shape, '', document)))
      case 'maxpool2d': {
        const image = [shape[0]!, shape[1]!, shape[2]!] as const
        return put(maxPool(context, tensor, layer.size, image, layers[index - 1]?.type === 'relu'))
      }
      case 'avgpool2d':
        return put(avgPool(context, tensor, layer.size, [shape[0]!, shape[1]!, shape[2]!]))
      case 'relu':
        return layers[index + 1]?.type === 'maxpool2d' ? tensor : put(relu(context, tensor))
      case 'gelu':
      case 'silu':
        return put(smooth(context, tensor, layer.type))
      case 'dropout':
        return put(dropout(context, tensor, layer.ratePpm, streams++))
      case 'layerNorm':
        return put(layerNorm(context, tensor, shape.at(-1)!))
      case 'groupNorm':
        return put(groupNorm(context, tensor, shape[0]!, layer.groups))
      case 'embedding': {
        table = context.take()
        return put(embedding(context, tensor.slot, table, document.layers.at(-1)?.type === 'tiedHead'))
      }
      case 'attention':
        return attend(tensor, places, layer.heads)
      case 'residual':
        return residual(layer.layers, tensor, shape)
      case 'tiedHead':
        return put(tiedHead(context, tensor, places, table!))
      case 'flatten':
        return tensor
    }
  }
  const run = (layers: readonly Layer[], start: Tensor, startShape: readonly number[]): Tensor => {
    let tensor = start
    let shape = startShape
    layers.forEach((layer, index) => {
      tensor = layerOf(layer, tensor, shape, layers, index)
      shape = shapeAfter(layer, shape, '', document)
    })
    return tensor
  }
  const output = run(document.layers, input, document.input)
  return { nodes, input: input.slot, output, streams }
}
