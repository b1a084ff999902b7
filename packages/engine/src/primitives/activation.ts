import type { GraphContext, Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'

/** ReLU, in place where the input is free. */
export function relu(context: GraphContext, input: Tensor): Primitive {
  const { kernels, batch } = context
  const { elements, trained } = input
  const output: Tensor = {
    slot: input.free ? input.slot : new Slot(batch * elements * 4),
    elements,
    trained,
    free: false,
  }
  const y = output.slot
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'inPlace',
    keeps: [y],
    forwardScratch: [],
    backwardScratch: [],
    forward({ count }) {
      kernels.relu(input.slot.address, y.address, count * elements)
    },
    backward(dy, dx) {
      if (dx === 0) return
      if (dx !== dy) kernels.copy(dy, dx, batch * elements)
      kernels.reluBackward(y.address, dx, batch * elements)
    },
  }
}

/** GELU or SiLU. The slope takes the place of the input where that is free. */
export function smooth(context: GraphContext, input: Tensor, which: 'gelu' | 'silu'): Primitive {
  const { kernels, batch } = context
  const { elements, trained } = input
  const output: Tensor = { slot: new Slot(batch * elements * 4), elements, trained, free: true }
  const slope = input.free ? input.slot : new Slot(batch * elements * 4)
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'inPlace',
    keeps: [slope],
    forwardScratch: [slope],
    backwardScratch: [],
    forward({ count }) {
      kernels[which](input.slot.address, output.slot.address, slope.address, count * elements)
    },
    backward(dy, dx) {
      if (dx !== 0) kernels.multiply(dy, slope.address, dx, batch * elements)
    },
  }
}

/** Dropout: stream `stream` of the step's randomness decides what stays. In evaluation: a copy. */
export function dropout(context: GraphContext, input: Tensor, ratePpm: number, stream: number): Primitive {
  const { kernels, batch } = context
  const { elements, trained } = input
  const output: Tensor = {
    slot: input.free ? input.slot : new Slot(batch * elements * 4),
    elements,
    trained,
    free: true,
  }
  const [x, y] = [input.slot, output.slot]
  const threshold = Math.floor((ratePpm * 4_294_967_296) / 1e6)
  const gain = 1e6 / (1e6 - ratePpm)
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'inPlace',
    keeps: [],
    forwardScratch: [],
    backwardScratch: [],
    forward({ count, training, step, key }) {
      const [k0, k1] = key
      if (training) kernels.dropout(x.address, y.address, count * elements, threshold, gain, stream, step, k0, k1)
      else if (y !== x) kernels.copy(x.address, y.address, count * elements)
    },
    backward(dy, dx, _, { step, key }) {
      if (dx !== 0) kernels.dropout(dy, dx, batch * elements, threshold, gain, stream, step, key[0], key[1])
    },
  }
}
