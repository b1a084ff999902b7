import type { GraphContext, Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'

/** Max-pooling; `rectified` says that a ReLU stands before it, which is then done here. */
export function maxPool(
  context: GraphContext,
  input: Tensor,
  size: number,
  [channels, height, width]: readonly [number, number, number],
  rectified: boolean,
): Primitive {
  const { kernels, batch } = context
  const rectify = rectified ? 1 : 0
  const elements = channels * Math.floor(height / size) * Math.floor(width / size)
  const output: Tensor = { slot: new Slot(batch * elements * 4), elements, trained: input.trained, free: false }
  const [x, y] = [input.slot, output.slot]
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'fresh',
    keeps: [x, y],
    forwardScratch: [],
    backwardScratch: [],
    forward({ count }) {
      kernels.maxPool(x.address, y.address, count * channels, height, width, size, rectify)
    },
    backward(dy, dx) {
      if (dx === 0) return
      kernels.maxPoolBackward(x.address, y.address, dy, dx, batch * channels, height, width, size, rectify)
    },
  }
}

export function avgPool(
  context: GraphContext,
  input: Tensor,
  size: number,
  [channels, height, width]: readonly [number, number, number],
): Primitive {
  const { kernels, batch } = context
  const elements = channels * Math.floor(height / size) * Math.floor(width / size)
  const output: Tensor = { slot: new Slot(batch * elements * 4), elements, trained: input.trained, free: true }
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'fresh',
    keeps: [],
    forwardScratch: [],
    backwardScratch: [],
    forward({ count }) {
      kernels.avgPool(input.slot.address, output.slot.address, count * channels, height, width, size)
    },
    backward(dy, dx) {
      if (dx !== 0) kernels.avgPoolBackward(dy, dx, batch * channels, height, width, size)
    },
  }
}
