import type { Layer } from '../document.ts'
import type { Operation, PlanContext, Slot } from './operation.ts'

/** Max-pooling; `rectified` says that a ReLU stands before it, which is then done here. */
export function maxPoolOperation(
  context: PlanContext,
  layer: Extract<Layer, { type: 'maxpool2d' }>,
  shape: readonly number[],
  input: Slot,
  rectified: boolean,
): Operation {
  const { kernels, batch } = context
  const { size } = layer
  const [channels, height, width] = [shape[0]!, shape[1]!, shape[2]!]
  const rectify = rectified ? 1 : 0
  const output = context.reserve(channels * Math.floor(height / size) * Math.floor(width / size))
  return {
    output,
    hasParameters: false,
    inPlace: false,
    forward(count) {
      kernels.maxPool(input.address, output.address, count * channels, height, width, size, rectify)
    },
    backward(dy, dx) {
      if (dx === 0) return
      const planes = batch * channels
      kernels.maxPoolBackward(input.address, output.address, dy, dx, planes, height, width, size, rectify)
    },
  }
}
