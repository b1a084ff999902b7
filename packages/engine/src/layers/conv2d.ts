import type { Layer } from '../document.ts'
import type { ParameterTensor } from '../shapes.ts'
import { addressesOf, type Operation, type PlanContext, type Slot } from './operation.ts'

const upTo4 = (count: number): number => Math.ceil(count / 4) * 4

/**
 * y[batch, filters, outHeight, outWidth] = x[batch, channels, height, width] * w[filters, channels, kernel, kernel] + b,
 * stride 1. The gradient of the input is the same operation on dy with turned filters and padding kernel - 1 - padding.
 */
export function conv2dOperation(
  context: PlanContext,
  layer: Extract<Layer, { type: 'conv2d' }>,
  shape: readonly number[],
  input: Slot,
  weightTensor: ParameterTensor,
  biasTensor: ParameterTensor,
): Operation {
  const { kernels, batch } = context
  const { filters, kernel, padding } = layer
  const [channels, height, width] = [shape[0]!, shape[1]!, shape[2]!]
  const outHeight = height + 2 * padding - kernel + 1
  const outWidth = width + 2 * padding - kernel + 1
  const pixels = outHeight * outWidth
  const area = kernel * kernel
  const turnedPadding = kernel - 1 - padding

  const weight = addressesOf(context, weightTensor)
  const bias = addressesOf(context, biasTensor)
  const output = context.reserve(filters * pixels)
  const roomPadded = (planes: number, h: number, w: number): number => planes * h * w + 8 * (w + 1)
  const padded = context.scratch(
    'padded',
    Math.max(
      roomPadded(channels, height + 2 * padding, width + 2 * padding),
      roomPadded(filters, outHeight + 2 * turnedPadding, outWidth + 2 * turnedPadding),
    ),
  )
  const packed = context.scratch(
    'packed',
    Math.max(upTo4(filters) * channels * area, upTo4(channels) * filters * area, upTo4(filters) * pixels),
  )
  const panel = context.scratch('panel', 8 * (Math.max(channels * area, filters * area, pixels) + 1))
  return {
    output,
    hasParameters: true,
    inPlace: false,
    forward(count) {
      kernels.packFilters(weight.value(), filters, channels * area, packed.address)
      kernels.conv2d(
        input.address,
        packed.address,
        bias.value(),
        output.address,
        count,
        channels,
        height,
        width,
        filters,
        kernel,
        padding,
        padded.address,
        panel.address,
      )
    },
    backward(dy, dx) {
      kernels.channelSums(dy, batch, filters, pixels, bias.gradient())
      kernels.conv2dFilterGradient(
        input.address,
        dy,
        weight.gradient(),
        batch,
        channels,
        height,
        width,
        filters,
        kernel,
        padding,
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
        padded.address,
        panel.address,
      )
    },
  }
}
