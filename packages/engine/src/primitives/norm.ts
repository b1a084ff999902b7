import { addressesOf, type GraphContext, type Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'

/** Added to a variance, as in PyTorch. */
export const NORM_EPSILON = 1e-5

/** Layer normalisation of rows of `width` values. */
export function layerNorm(context: GraphContext, input: Tensor, width: number): Primitive {
  const { kernels, batch } = context
  const { elements } = input
  const places = elements / width
  const gain = addressesOf(context, context.take())
  const offset = addressesOf(context, context.take())
  const output: Tensor = { slot: new Slot(batch * elements * 4), elements, trained: true, free: true }
  const stats = new Slot(batch * places * 8)
  const x = input.slot
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'adds',
    keeps: [x, stats],
    forwardScratch: [stats],
    backwardScratch: [],
    forward({ count }) {
      const to = output.slot.address
      kernels.layerNorm(x.address, to, gain.value(), offset.value(), stats.address, count * places, width, NORM_EPSILON)
    },
    backward(dy, dx, add) {
      kernels.layerNormBackward(
        x.address,
        stats.address,
        gain.value(),
        dy,
        dx,
        gain.gradient(),
        offset.gradient(),
        batch * places,
        width,
        add,
      )
    },
  }
}

/** Group normalisation of images [channels, pixels]. */
export function groupNorm(context: GraphContext, input: Tensor, channels: number, groups: number): Primitive {
  const { kernels, batch } = context
  const { elements } = input
  const pixels = elements / channels
  const gain = addressesOf(context, context.take())
  const offset = addressesOf(context, context.take())
  const output: Tensor = { slot: new Slot(batch * elements * 4), elements, trained: true, free: true }
  const stats = new Slot(batch * groups * 8)
  const x = input.slot
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'fresh',
    keeps: [x, stats],
    forwardScratch: [stats],
    backwardScratch: [],
    forward({ count }) {
      kernels.groupNorm(
        x.address,
        output.slot.address,
        gain.value(),
        offset.value(),
        stats.address,
        count,
        channels,
        pixels,
        groups,
        NORM_EPSILON,
      )
    },
    backward(dy, dx) {
      kernels.groupNormBackward(
        x.address,
        stats.address,
        gain.value(),
        dy,
        dx,
        gain.gradient(),
        offset.gradient(),
        batch,
        channels,
        pixels,
        groups,
      )
    },
  }
}
