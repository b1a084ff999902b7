import type { ModelDocument } from '../src/document.ts'
import { parameterLayout, shapesOf, sizeOf } from '../src/shapes.ts'

/**
 * The mean softmax cross-entropy of a model in float64, written as plainly as can be: what gradients are checked against.
 * `parameters` in the order of the model's layout, x [batch, ...input], y [batch].
 */
export function referenceLoss(
  document: ModelDocument,
  parameters: Float64Array,
  x: ArrayLike<number>,
  y: Int32Array,
): number {
  const shapes = shapesOf(document)
  const layout = parameterLayout(document)
  const size = sizeOf(document.input)
  let loss = 0
  for (let sample = 0; sample < y.length; sample++) {
    let h = Array.from({ length: size }, (_, i) => x[sample * size + i]!)
    let tensor = 0
    document.layers.forEach((layer, index) => {
      const [a, b, c] = shapes[index]! as [number, number, number]
      const [d, outHeight, outWidth] = shapes[index + 1]! as [number, number, number]
      const input = h
      if (layer.type === 'relu') h = input.map(v => Math.max(v, 0))
      else if (layer.type === 'maxpool2d') {
        h = Array.from({ length: d * outHeight * outWidth }, (_, i) => {
          const [plane, row, column] = [
            Math.floor(i / outHeight / outWidth),
            Math.floor(i / outWidth) % outHeight,
            i % outWidth,
          ]
          let best = -Infinity
          for (let ky = 0; ky < layer.size; ky++) {
            for (let kx = 0; kx < layer.size; kx++) {
              best = Math.max(best, input[(plane * b + row * layer.size + ky) * c + column * layer.size + kx]!)
            }
          }
          return best
        })
      } else if (layer.type === 'dense' || layer.type === 'conv2d') {
        const w = layout[tensor++]!.offset
        const bias = layout[tensor++]!.offset
        if (layer.type === 'dense') {
          h = Array.from({ length: layer.units }, (_, j) =>
            input.reduce((sum, v, i) => sum + v * parameters[w + i * layer.units + j]!, parameters[bias + j]!),
          )
        } else {
          h = Array.from({ length: d * outHeight * outWidth }, (_, i) => {
            const [filter, row, column] = [
              Math.floor(i / outHeight / outWidth),
              Math.floor(i / outWidth) % outHeight,
              i % outWidth,
            ]
            let sum = parameters[bias + filter]!
            for (let p = 0; p < a * layer.kernel * layer.kernel; p++) {
              const kx = p % layer.kernel
              const ky = Math.floor(p / layer.kernel) % layer.kernel
              const channel = Math.floor(p / layer.kernel / layer.kernel)
              const [u, v] = [row + ky - layer.padding, column + kx - layer.padding]
              if (u < 0 || v < 0 || u >= b || v >= c) continue
              sum += input[(channel * b + u) * c + v]! * parameters[w + filter * a * layer.kernel * layer.kernel + p]!
            }
            return sum
          })
        }
      }
    })
    const top = Math.max(...h)
    loss += Math.log(h.reduce((sum, v) => sum + Math.exp(v - top), 0)) - (h[y[sample]!]! - top)
  }
  return loss / y.length
}
