import { sizeOf } from '../shapes.ts'
import type { Operation, PlanContext, Slot } from './operation.ts'

/** ReLU in place: the layer before it does not look at its own output again. */
export function reluOperation(context: PlanContext, shape: readonly number[], input: Slot): Operation {
  const { kernels, batch } = context
  const size = sizeOf(shape)
  return {
    output: input,
    hasParameters: false,
    inPlace: true,
    forward(count) {
      kernels.relu(input.address, input.address, count * size)
    },
    backward(dy) {
      kernels.reluBackward(input.address, dy, batch * size)
    },
  }
}
