import type { Kernels } from '../wasm.ts'
import type { GraphNode, Pass, Primitive } from './node.ts'
import { Slot, type Tensor } from './tensor.ts'

/** One call of the way back. */
export type BackwardStep = (pass: Pass) => void

/** The gradient of one tensor, or of several that have the same: `holders` are those whose makers still have to read it. */
interface Gradient {
  readonly slot: Slot
  readonly holders: Set<Slot>
}

/** The way back through a graph, laid out once. */
export interface Backward {
  readonly steps: readonly BackwardStep[]
  /** Where the loss writes the gradient of the output. */
  readonly outputGradient: Slot
  readonly slots: readonly Slot[]
}

/**
 * Plans the way back: nodes in reverse order. Where a tensor goes to several nodes, its gradient is the contribution of the
 * last of them, to which that of the one before is added, and so on to the first: one fixed order.
 * `time(i)` is when node i runs backward; slots are told when they are used.
 */
export function planBackward(
  nodes: readonly GraphNode[],
  output: Tensor,
  batch: number,
  kernels: Kernels,
  time: (index: number) => number,
): Backward {
  const steps: BackwardStep[] = []
  const slots: Slot[] = []
  const gradients = new Map<Slot, Gradient>()
  let now = 0

  const room = (tensor: Tensor): Slot => {
    const slot = new Slot(batch * tensor.elements * 4)
    slots.push(slot)
    slot.use(now)
    return slot
  }
  const give = (tensor: Tensor, slot: Slot): void => {
    gradients.set(tensor.slot, { slot, holders: new Set([tensor.slot]) })
  }
  /** The tensor's gradient where nobody else holds it, so that something can be added. */
  const own = (tensor: Tensor, gradient: Gradient): Slot => {
    if (gradient.holders.size === 1) return gradient.slot
    const slot = room(tensor)
    const [from, count] = [gradient.slot, batch * tensor.elements]
    steps.push(() => kernels.copy(from.address, slot.address, count))
    gradient.holders.delete(tensor.slot)
    give(tensor, slot)
    return slot
  }
  const addTo = (target: Slot, source: Slot, tensor: Tensor): void => {
    const count = batch * tensor.elements
    target.use(now)
    steps.push(() => kernels.add(target.address, source.address, target.address, count))
  }

  const primitive = (node: Primitive, dy: Gradient): void => {
    const { input } = node
    for (const slot of [...node.keeps, ...node.backwardScratch]) slot.use(now)
    const call = (dx: Slot | null, add: number): void => {
      dx?.use(now)
      steps.push(pass => node.backward(dy.slot.address, dx?.address ?? 0, add, pass))
    }
    if (input === null || !input.trained) {
      call(null, 0)
      return
    }
    const known = gradients.get(input.slot)
    if (known === undefined) {
      const inPlace = node.gradient === 'inPlace' && dy.holders.size === 0
      const dx = inPlace ? dy.slot : room(input)
      call(dx, 0)
      give(input, dx)
    } else if (node.gradient === 'adds') {
      call(own(input, known), 1)
    } else {
      const target = own(input, known)
      const part = room(input)
      call(part, 0)
      addTo(target, part, input)
    }
  }

  const sum = (tensor: Tensor, dy: Gradient): void => {
    if (!tensor.trained) return
    const known = gradients.get(tensor.slot)
    if (known === undefined) {
      dy.holders.add(tensor.slot)
      gradients.set(tensor.slot, dy)
    } else {
      addTo(own(tensor, known), dy.slot, tensor)
    }
  }

  now = time(nodes.length)
  const outputGradient = room(output)
  give(output, outputGradient)
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!
    now = time(index)
    const dy = gradients.get(node.output.slot)
    if (dy === undefined || !node.output.trained) continue
    gradients.delete(node.output.slot)
    dy.holders.delete(node.output.slot)
    dy.slot.use(now)
    if (node.kind === 'primitive') {
      primitive(node, dy)
    } else {
      sum(node.first, dy)
      sum(node.second, dy)
    }
  }
  return { steps, outputGradient, slots }
}
