import type { Layer } from '../document.ts'
import { addressesOf, type GraphContext, type Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'

const upTo4 = (count: number): number => Math.ceil(count / 4) * 4

/** Room for an image that is padded and spread, as kernels/convolution.ts lays it out. */
function paddedElements(
  planes: number,
  [height, width]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  size: number,
  padding: number,
  stride: number,
  spread: number,
): number {
  const length = (inside: number, outside: number): number =>
    Math.max((inside - 1) * spread + 1 + 2 * padding, (outside - 1) * stride + size)
  return planes * length(height, outHeight) * length(width, outWidth) + 8 * (length(width, outWidth) + 1)
}

/**
 * y[batch, filters, outHeight, outWidth] = x[batch, channels, height, width] * w[filters, channels, kernel, kernel] + b.
 * The gradient of the input is a convolution of dy, spread by the stride, with turned filters and padding
 * kernel - 1 - padding.
 */
export function convolution(
  context: GraphContext,
  input: Tensor,
  layer: Extract<Layer, { type: 'conv2d' }>,
  shape: readonly number[],
  outShape: readonly number[],
): Primitive {
  const { kernels, batch } = context
  const { filters, kernel, padding, stride = 1 } = layer
  const [channels, height, width] = [shape[0]!, shape[1]!, shape[2]!]
  const [outHeight, outWidth] = [outShape[1]!, outShape[2]!]
  const pixels = outHeight * outWidth
  const area = kernel * kernel
  const turnedPadding = kernel - 1 - padding
  const weight = addressesOf(context, context.take())
  const bias = addressesOf(context, context.take())
  const output: Tensor = {
    slot: new Slot(batch * filters * pixels * 4),
    elements: filters * pixels,
    trained: true,
    free: true,
  }
  const outside = [outHeight, outWidth] as const
  const inside = [height, width] as const
  const paddedForward = paddedElements(channels, inside, outside, kernel, padding, stride, 1)
  const paddedTurned = input.trained ? paddedElements(filters, outside, inside, kernel, turnedPadding, 1, stride) : 0
  const room = (elements: number): Slot => new Slot(elements * 4)
  const forwardScratch = [
    room(paddedForward),
    room(upTo4(filters) * channels * area),
    room(8 * (channels * area + 1)),
  ] as const
  const backwardScratch = [
    room(Math.max(paddedForward, paddedTurned)),
    room(Math.max(upTo4(channels) * filters * area, upTo4(filters) * pixels)),
    room(8 * (Math.max(filters * area, pixels) + 1)),
  ] as const
  const x = input.slot
  return {
    kind: 'primitive',
    input,
    output,
    gradient: 'fresh',
    keeps: [x],
    forwardScratch,
    backwardScratch,
    forward({ count }) {
      const [padded, packed, panel] = forwardScratch
      kernels.packFilters(weight.value(), filters, channels * area, packed.address)
      kernels.conv2d(
        x.address,
        packed.address,
        bias.value(),
        output.slot.address,
        count,
        channels,
        height,
        width,
        filters,
        kernel,
        padding,
        stride,
        1,
        outHeight,
        outWidth,
        padded.address,
        panel.address,
      )
    },
    backward(dy, dx) {
      const [padded, packed, panel] = backwardScratch
      kernels.channelSums(dy, batch, filters, pixels, bias.gradient())
      kernels.conv2dFilterGradient(
        x.address,
        dy,
        weight.gradient(),
        batch,
        channels,
        height,
        width,
        filters,
        kernel,
        padding,
        stride,
        outHeight,
        outWidth,
        padded.address,
        packed.address,
        panel.address,
      )
      if (dx === 0) return
      kernels.packTurnedFilters(weight.value(), filters, channels, area, packed.address)
      kernels.conv2d(
        dy,
        packed.address,
        0,
        dx,
        batch,
        filters,
        outHeight,
        outWidth,
        channels,
        kernel,
        turnedPadding,
        1,
        stride,
        height,
        width,
        padded.address,
        panel.address,
      )
    },
  }
}
