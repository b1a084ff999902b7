import type { ModelDocument } from './document.ts'
import { conv2dOperation } from './layers/conv2d.ts'
import { denseOperation } from './layers/dense.ts'
import { maxPoolOperation } from './layers/maxPool.ts'
import type { Operation, PlanContext, Slot } from './layers/operation.ts'
import { reluOperation } from './layers/relu.ts'
import { type ParameterTensor, parameterLayout, shapesOf, sizeOf } from './shapes.ts'
import type { Kernels } from './wasm.ts'

/** Everything that training a document needs, laid out in one block: a list of operations and where their data lie. */
export interface Plan {
  readonly operations: readonly Operation[]
  readonly tensors: readonly ParameterTensor[]
  readonly parameterCount: number
  /** Values of one sample, and classes. */
  readonly inputSize: number
  readonly classes: number
  readonly input: Slot
  readonly labels: Slot
  readonly predictions: Slot
  readonly logits: Slot
  readonly parameters: Slot
  readonly gradients: Slot
  /** The gradients between layers, each operation from one to the other. */
  readonly flow: readonly [Slot, Slot]
  /** Bytes of the whole block. */
  readonly bytes: number
  /** Puts the block at an address. To be called once, before any operation runs. */
  place(address: number): void
}

const ALIGNMENT = 64

/** Lays the document out for batches of `batch` samples. @throws HydraError MODEL_INVALID */
export function planOf(document: ModelDocument, batch: number, kernels: Kernels): Plan {
  const shapes = shapesOf(document)
  const tensors = parameterLayout(document)
  const count = tensors.reduce((sum, tensor) => sum + sizeOf(tensor.shape), 0)

  const slots: { slot: Slot; offset: number }[] = []
  let bytes = 0
  const reserve = (elements: number): Slot => {
    const slot = { address: 0 }
    slots.push({ slot, offset: bytes })
    bytes += Math.ceil((elements * 4) / ALIGNMENT) * ALIGNMENT
    return slot
  }

  const parameters = reserve(count)
  const gradients = reserve(count)
  const input = reserve(batch * sizeOf(document.input))
  const labels = reserve(batch)
  const predictions = reserve(batch)
  const widest = Math.max(...shapes.map(sizeOf))
  const flow: [Slot, Slot] = [reserve(batch * widest), reserve(batch * widest)]

  const scratch = new Map<string, { slot: Slot; elements: number }>()
  const context: PlanContext = {
    kernels,
    batch,
    parameters,
    gradients,
    reserve: perSample => reserve(batch * perSample),
    scratch(name, elements) {
      const known = scratch.get(name) ?? { slot: { address: 0 }, elements: 0 }
      known.elements = Math.max(known.elements, elements)
      scratch.set(name, known)
      return known.slot
    },
  }

  const operations: Operation[] = []
  let current = input
  let nextTensor = 0
  const takeTensor = (): ParameterTensor => tensors[nextTensor++]!
  document.layers.forEach((layer, index) => {
    const shape = shapes[index]!
    let operation: Operation | null = null
    if (layer.type === 'conv2d') {
      operation = conv2dOperation(context, layer, shape, current, takeTensor(), takeTensor())
    } else if (layer.type === 'dense') {
      operation = denseOperation(context, layer, shape, current, takeTensor(), takeTensor())
    } else if (layer.type === 'maxpool2d') {
      operation = maxPoolOperation(context, layer, shape, current, document.layers[index - 1]?.type === 'relu')
    } else if (layer.type === 'relu' && document.layers[index + 1]?.type !== 'maxpool2d') {
      operation = reluOperation(context, shape, current)
    }
    if (operation === null) return
    operations.push(operation)
    current = operation.output
  })
  for (const { slot, elements } of scratch.values()) {
    slots.push({ slot, offset: bytes })
    bytes += Math.ceil((elements * 4) / ALIGNMENT) * ALIGNMENT
  }
  // Kernels may read, never write, up to 8 values beyond the end of what they are given.
  bytes += ALIGNMENT

  return {
    operations,
    tensors,
    parameterCount: count,
    inputSize: sizeOf(document.input),
    classes: shapes.at(-1)![0]!,
    input,
    labels,
    predictions,
    logits: current,
    parameters,
    gradients,
    flow,
    bytes,
    place(address) {
      for (const { slot, offset } of slots) slot.address = address + offset
    },
  }
}
