import type { Layer } from '../document.ts'
import { addressesOf, type GraphContext, type Primitive } from '../graph/node.ts'
import { Slot, type Tensor } from '../graph/tensor.ts'
import { packedRoom, paddedRoom, panelRoom } from '../rooms.ts'

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
  const { kernels, batch, threads } = context
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
  const paddedForward = paddedRoom(channels, inside, outside, kernel, padding, stride, 1)
  const paddedTurned = input.trained ? paddedRoom(filters, outside, inside, kernel, turnedPadding, 1, stride) : 0
  const forwardScratch = [
    new Slot(threads * paddedForward),
    new Slot(packedRoom(filters, channels * area)),
    new Slot(threads * panelRoom(channels * area)),
  ] as const
  const backwardScratch = [
    new Slot(threads * Math.max(paddedForward, paddedTurned)),
    new Slot(Math.max(packedRoom(channels, filters * area), threads * packedRoom(filters, pixels))),
    new Slot(threads * panelRoom(Math.max(filters * area, pixels))),
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
