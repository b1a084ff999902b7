import type { ModelDocument } from './document.ts'
import { planBackward } from './graph/backward.ts'
import { graphOf } from './graph/build.ts'
import type { GraphContext, Pass } from './graph/node.ts'
import { placeSlots } from './graph/place.ts'
import { Slot } from './graph/tensor.ts'
import { type FilledTensor, filledTensors, shapesOf, sizeOf } from './shapes.ts'
import type { Kernels } from './wasm.ts'

/** Everything that training a document needs, laid out in one block: kernels in order, and where their data lie. */
export interface Plan {
  readonly tensors: readonly FilledTensor[]
  readonly parameterCount: number
  /** Values of one sample; of its output; places of a sequence that have a label each; classes of each. */
  readonly inputSize: number
  readonly outputSize: number
  readonly places: number
  readonly classes: number
  /** Tokens of the embedding, 0 where the input is numbers. */
  readonly vocabulary: number
  /** Whether a step needs randomness. */
  readonly random: boolean
  readonly input: Slot
  readonly labels: Slot
  readonly predictions: Slot
  readonly output: Slot
  readonly outputGradient: Slot
  readonly parameters: Slot
  readonly gradients: Slot
  /** Two values a parameter, for the optimiser. */
  readonly state: Slot
  /** Bytes of the whole block: the most that the model ever needs. */
  readonly bytes: number
  /** Puts the block at an address. To be called once, before anything runs. */
  place(address: number): void
  forward(pass: Pass): void
  /** From the gradient of the output of the whole batch to those of the parameters. */
  backward(pass: Pass): void
}

/** Kernels may read, never write, up to 8 values beyond the end of what they are given. */
const SLACK = 64

/** Lays the document out for batches of `batch` samples on so many threads. @throws HydraError MODEL_INVALID */
export function planOf(document: ModelDocument, batch: number, kernels: Kernels, threads: number): Plan {
  const tensors = filledTensors(document)
  const count = tensors.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0)
  const outShape = shapesOf(document).at(-1)!
  const outputSize = sizeOf(outShape)
  const squared = document.loss === 'mse'
  const places = !squared && outShape.length === 2 ? outShape[0]! : 1

  const parameters = new Slot(count * 4)
  const gradients = new Slot(count * 4)
  const state = new Slot(count * 8)
  const labels = new Slot(batch * (squared ? outputSize : places) * 4)
  const predictions = new Slot(batch * places * 4)
  let next = 0
  const context: GraphContext = { kernels, batch, threads, parameters, gradients, take: () => tensors[next++]!.tensor }
  const { nodes, input, output, streams } = graphOf(document, context)

  // Forward at 1 to n, the loss at n + 1, backward at n + 2 to 2n + 1.
  const lossTime = nodes.length + 1
  const end = 2 * nodes.length + 2
  const slots: Slot[] = [parameters, gradients, state, labels, predictions, input]
  for (const slot of [parameters, gradients, state]) {
    slot.use(0)
    slot.use(end)
  }
  for (const slot of [labels, predictions, input, output.slot]) {
    if (slot !== output.slot) slot.use(0)
    slot.use(lossTime)
  }
  nodes.forEach((node, index) => {
    const time = index + 1
    const touched =
      node.kind === 'primitive'
        ? [...(node.input ? [node.input.slot] : []), ...node.forwardScratch, node.output.slot]
        : [node.first.slot, node.second.slot, node.output.slot]
    for (const slot of touched) slot.use(time)
    slots.push(...touched)
    if (node.kind === 'primitive') slots.push(...node.keeps, ...node.backwardScratch)
  })
  const time = (index: number): number => (index === nodes.length ? lossTime : end - 1 - index)
  const way = planBackward(nodes, output, batch, kernels, time)
  slots.push(...way.slots)
  const { offsets, bytes } = placeSlots([...new Set(slots)])

  const first = document.layers[0]
  return {
    tensors,
    parameterCount: count,
    inputSize: sizeOf(document.input),
    outputSize,
    places,
    classes: outputSize / places,
    vocabulary: first?.type === 'embedding' ? first.vocabulary : 0,
    random: streams > 0,
    input,
    labels,
    predictions,
    output: output.slot,
    outputGradient: way.outputGradient,
    parameters,
    gradients,
    state,
    bytes: bytes + SLACK,
    place(address) {
      for (const [slot, offset] of offsets) slot.address = address + offset
    },
    forward(pass) {
      for (const node of nodes) {
        if (node.kind === 'primitive') {
          node.forward(pass)
        } else {
          const elements = pass.count * node.output.elements
          kernels.add(node.first.slot.address, node.second.slot.address, node.output.slot.address, elements)
        }
      }
    },
    backward(pass) {
      for (const step of way.steps) step(pass)
    },
  }
}
