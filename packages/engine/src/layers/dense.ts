import type { Layer } from '../document.ts'
import type { ParameterTensor } from '../shapes.ts'
import { START } from '../wasm.ts'
import { addressesOf, type Operation, type PlanContext, type Slot } from './operation.ts'

/** y[batch, units] = x[batch, inputs] · w[inputs, units] + b. */
export function denseOperation(
  context: PlanContext,
  layer: Extract<Layer, { type: 'dense' }>,
  shape: readonly number[],
  input: Slot,
  weightTensor: ParameterTensor,
  biasTensor: ParameterTensor,
): Operation {
  const { kernels, batch } = context
  const inputs = shape[0]!
  const { units } = layer
  const weight = addressesOf(context, weightTensor)
  const bias = addressesOf(context, biasTensor)
  const output = context.reserve(units)
  return {
    output,
    hasParameters: true,
    inPlace: false,
    forward(count) {
      const { columnBias } = START
      kernels.matmul(
        input.address,
        weight.value(),
        output.address,
        count,
        units,
        inputs,
        0,
        0,
        columnBias,
        bias.value(),
      )
    },
    backward(dy, dx) {
      kernels.matmul(input.address, dy, weight.gradient(), inputs, units, batch, 1, 0, START.zero, 0)
      kernels.columnSums(dy, batch, units, bias.gradient())
      if (dx !== 0) kernels.matmul(dy, weight.value(), dx, batch, inputs, units, 0, 1, START.zero, 0)
    },
  }
}
