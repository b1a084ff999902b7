import { addressesOf, type GraphContext, type Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'
import type { ParameterTensor } from '../shapes.ts'
import { START } from '../wasm.ts'

/** y[rows, units] = x[rows, inputs] · w[inputs, units] + b, `places` rows a sample; no b: null. */
export function linear(
  context: GraphContext,
  input: Tensor,
  places: number,
  weightTensor: ParameterTensor,
  biasTensor: ParameterTensor | null,
): Primitive {
  const { kernels, batch } = context
  const [inputs, units] = [weightTensor.shape[0]!, weightTensor.shape[1]!]
  const weight = addressesOf(context, weightTensor)
  const bias = biasTensor && addressesOf(context, biasTensor)
  const output: Tensor = {
    slot: new Slot(batch * places * units * 4),
    elements: places * units,
    trained: true,
    free: true,
  }
  const x = input.slot
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'adds',
    keeps: [x],
    forwardScratch: [],
    backwardScratch: [],
    forward({ count }) {
      const start = bias === null ? START.zero : START.columnBias
      const rows = count * places
      kernels.matmul(
        x.address,
        weight.value(),
        output.slot.address,
        rows,
        units,
        inputs,
        0,
        0,
        start,
        bias?.value() ?? 0,
      )
    },
    backward(dy, dx, add) {
      const rows = batch * places
      kernels.matmul(x.address, dy, weight.gradient(), inputs, units, rows, 1, 0, START.zero, 0)
      if (bias !== null) kernels.columnSums(dy, rows, units, bias.gradient())
      const start = add ? START.c : START.zero
      if (dx !== 0) kernels.matmul(dy, weight.value(), dx, rows, inputs, units, 0, 1, start, 0)
    },
  }
}

/** y[rows, vocabulary] = x[rows, width] · tableᵀ. It is the first to write the gradient of the table; the embedding adds. */
export function tiedHead(
  context: GraphContext,
  input: Tensor,
  places: number,
  tableTensor: ParameterTensor,
): Primitive {
  const { kernels, batch } = context
  const [vocabulary, width] = [tableTensor.shape[0]!, tableTensor.shape[1]!]
  const table = addressesOf(context, tableTensor)
  const output: Tensor = {
    slot: new Slot(batch * places * vocabulary * 4),
    elements: places * vocabulary,
    trained: true,
    free: true,
  }
  const x = input.slot
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'adds',
    keeps: [x],
    forwardScratch: [],
    backwardScratch: [],
    forward({ count }) {
      const to = output.slot.address
      kernels.matmul(x.address, table.value(), to, count * places, vocabulary, width, 0, 1, START.zero, 0)
    },
    backward(dy, dx, add) {
      const rows = batch * places
      kernels.matmul(dy, x.address, table.gradient(), vocabulary, width, rows, 1, 0, START.zero, 0)
      const start = add ? START.c : START.zero
      if (dx !== 0) kernels.matmul(dy, table.value(), dx, rows, width, vocabulary, 0, 0, start, 0)
    },
  }
}
