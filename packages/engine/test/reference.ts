import type { Layer, ModelDocument } from '../src/document.ts'
import { parameterLayout, shapeAfter, sizeOf } from '../src/shapes.ts'

type Shape = readonly number[]

const EPSILON = 1e-5

/** The mean loss of a model in float64, written as plainly as can be: what gradients are checked against. */
export class Reference {
  readonly #document: ModelDocument
  readonly #parameters: Float64Array
  #tensor = 0

  /** `parameters` in the order of the model's layout. */
  constructor(document: ModelDocument, parameters: Float64Array) {
    this.#document = document
    this.#parameters = parameters
  }

  /** x [batch, ...input], y as the loss wants it. */
  loss(x: ArrayLike<number>, y: ArrayLike<number>): number {
    const size = sizeOf(this.#document.input)
    const samples = x.length / size
    let total = 0
    let scored = 0
    for (let sample = 0; sample < samples; sample++) {
      const output = this.output(Array.from({ length: size }, (_, i) => x[sample * size + i]!))
      const share = y.length / samples
      if (this.#document.loss === 'mse') {
        output.forEach((v, i) => {
          total += (v - y[sample * share + i]!) ** 2
        })
        scored += share
        continue
      }
      const classes = output.length / share
      for (let place = 0; place < share; place++) {
        const label = y[sample * share + place]!
        if (label < 0) continue
        const h = output.slice(place * classes, (place + 1) * classes)
        const top = Math.max(...h)
        total += Math.log(h.reduce((sum, v) => sum + Math.exp(v - top), 0)) - (h[label]! - top)
        scored++
      }
    }
    return total / scored
  }

  /** Of one sample. */
  output(input: number[]): number[] {
    this.#tensor = 0
    return this.#run(this.#document.layers, input, this.#document.input)
  }

  #take(): { values: Float64Array; shape: Shape } {
    const { offset, shape } = parameterLayout(this.#document)[this.#tensor++]!
    return { values: this.#parameters.subarray(offset, offset + sizeOf(shape)), shape }
  }

  #run(layers: readonly Layer[], start: number[], startShape: Shape): number[] {
    let h = start
    let shape = startShape
    for (const layer of layers) {
      const outShape = shapeAfter(layer, shape, '', this.#document)
      h = this.#layer(layer, h, shape, outShape)
      shape = outShape
    }
    return h
  }

  #layer(layer: Layer, h: number[], shape: Shape, outShape: Shape): number[] {
    switch (layer.type) {
      case 'relu':
        return h.map(v => Math.max(v, 0))
      case 'silu':
        return h.map(v => v / (1 + Math.exp(-v)))
      case 'gelu':
        return h.map(v => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))))
      case 'flatten':
      case 'dropout':
        return h
      case 'dense':
        return this.#dense(h, shape.at(-1)!, layer.bias !== 0)
      case 'conv2d':
        return this.#conv2d(layer, h, shape, outShape)
      case 'maxpool2d':
        return pool(h, layer.size, shape, outShape, values => Math.max(...values))
      case 'avgpool2d':
        return pool(h, layer.size, shape, outShape, values => mean(values))
      case 'layerNorm':
        return this.#norm(h, shape.at(-1)!, i => i % shape.at(-1)!)
      case 'groupNorm': {
        const pixels = shape[1]! * shape[2]!
        return this.#norm(h, h.length / layer.groups, i => Math.floor(i / pixels))
      }
      case 'embedding': {
        const [table, positions] = [this.#take().values, this.#take().values]
        const { width } = layer
        return h.flatMap((token, place) =>
          Array.from({ length: width }, (_, i) => table[token * width + i]! + positions[place * width + i]!),
        )
      }
      case 'attention':
        return this.#attention(h, shape[0]!, shape[1]!, layer.heads)
      case 'residual': {
        const inner = this.#run(layer.layers, h, shape)
        return h.map((v, i) => v + inner[i]!)
      }
      case 'tiedHead': {
        const [table, width] = [this.#parameters, shape[1]!]
        return Array.from({ length: sizeOf(outShape) }, (_, index) => {
          const [place, token] = [Math.floor(index / outShape[1]!), index % outShape[1]!]
          let sum = 0
          for (let i = 0; i < width; i++) sum += h[place * width + i]! * table[token * width + i]!
          return sum
        })
      }
    }
  }

  #dense(h: number[], inputs: number, biased: boolean): number[] {
    const { values: w, shape } = this.#take()
    const units = shape[1]!
    const bias = biased ? this.#take().values : new Float64Array(units)
    return Array.from({ length: (h.length / inputs) * units }, (_, index) => {
      const [row, j] = [Math.floor(index / units), index % units]
      let sum = bias[j]!
      for (let i = 0; i < inputs; i++) sum += h[row * inputs + i]! * w[i * units + j]!
      return sum
    })
  }

  #conv2d(layer: Extract<Layer, { type: 'conv2d' }>, h: number[], shape: Shape, outShape: Shape): number[] {
    const [w, bias] = [this.#take().values, this.#take().values]
    const { kernel, padding, stride = 1 } = layer
    const [channels, height, width] = shape as [number, number, number]
    const [, outHeight, outWidth] = outShape as [number, number, number]
    return Array.from({ length: sizeOf(outShape) }, (_, i) => {
      const filter = Math.floor(i / outHeight / outWidth)
      const [row, column] = [Math.floor(i / outWidth) % outHeight, i % outWidth]
      let sum = bias[filter]!
      for (let c = 0; c < channels; c++) {
        for (let ky = 0; ky < kernel; ky++) {
          for (let kx = 0; kx < kernel; kx++) {
            const [y, x] = [row * stride + ky - padding, column * stride + kx - padding]
            if (y < 0 || x < 0 || y >= height || x >= width) continue
            sum += h[(c * height + y) * width + x]! * w[((filter * channels + c) * kernel + ky) * kernel + kx]!
          }
        }
      }
      return sum
    })
  }

  #norm(h: number[], run: number, channelOf: (index: number) => number): number[] {
    const [gain, offset] = [this.#take().values, this.#take().values]
    const output: number[] = []
    for (let start = 0; start < h.length; start += run) {
      const values = h.slice(start, start + run)
      const centre = mean(values)
      const deviation = Math.sqrt(mean(values.map(v => (v - centre) ** 2)) + EPSILON)
      values.forEach((v, i) => {
        const channel = channelOf(start + i)
        output.push(((v - centre) / deviation) * gain[channel]! + offset[channel]!)
      })
    }
    return output
  }

  #attention(h: number[], context: number, width: number, heads: number): number[] {
    const qkv = this.#dense(h, width, true)
    const size = width / heads
    const mixed = new Array<number>(context * width).fill(0)
    for (let head = 0; head < heads; head++) {
      const at = (part: number, place: number, i: number): number =>
        qkv[place * 3 * width + part * width + head * size + i]!
      for (let i = 0; i < context; i++) {
        const scores = Array.from({ length: i + 1 }, (_, j) => {
          let sum = 0
          for (let d = 0; d < size; d++) sum += at(0, i, d) * at(1, j, d)
          return Math.exp(sum / Math.sqrt(size))
        })
        const total = scores.reduce((a, b) => a + b, 0)
        for (let d = 0; d < size; d++) {
          mixed[i * width + head * size + d] = scores.reduce((sum, p, j) => sum + (p / total) * at(2, j, d), 0)
        }
      }
    }
    return this.#dense(mixed, width, true)
  }
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function pool(h: number[], size: number, shape: Shape, outShape: Shape, of: (window: number[]) => number): number[] {
  const [, height, width] = shape as [number, number, number]
  const [, outHeight, outWidth] = outShape as [number, number, number]
  return Array.from({ length: sizeOf(outShape) }, (_, i) => {
    const plane = Math.floor(i / outHeight / outWidth)
    const [row, column] = [Math.floor(i / outWidth) % outHeight, i % outWidth]
    return of(
      Array.from({ length: size * size }, (_, cell) => {
        const [y, x] = [row * size + Math.floor(cell / size), column * size + (cell % size)]
        return h[(plane * height + y) * width + x]!
      }),
    )
  })
}
