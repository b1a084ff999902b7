import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { START } from '../src/wasm.ts'
import { Bench, labels, openEngine, values } from './support.ts'

const f = Math.fround
const open = (): Bench => new Bench(openEngine())

/** `sum = start; for each p: sum = fround(sum + fround(a * b))`: what every kernel must equal to the bit. */
function chain(start: number, count: number, a: (p: number) => number, b: (p: number) => number): number {
  let sum = start
  for (let p = 0; p < count; p++) sum = f(sum + f(a(p) * b(p)))
  return sum
}

describe('matmul', () => {
  test('gives the bits of a plain triple loop, whatever the sizes, the storage and the start', () => {
    const size = fc.integer({ min: 1, max: 37 })
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(0, 1, 2, 3),
        (m, n, k, tA, tB, start) => {
          expectMatmul(m, n, k, tA, tB, start)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('goes on with the same sum where k and m are cut into blocks', () => {
    expectMatmul(5, 9, 600, false, false, START.columnBias)
    expectMatmul(300, 9, 3, true, true, START.c)
  })
})

function expectMatmul(m: number, n: number, k: number, tA: boolean, tB: boolean, start: number): void {
  const bench = open()
  const [a, b, c, bias] = [values(m * k, 1), values(k * n, 2), values(m * n, 3), values(Math.max(m, n), 4)]
  const at = bench.put(c)
  bench.engine.kernels.matmul(bench.put(a), bench.put(b), at, m, n, k, +tA, +tB, start, bench.put(bias))
  const expected = c.map((before, index) => {
    const [i, j] = [Math.floor(index / n), index % n]
    const first = [0, before, bias[i]!, bias[j]!][start]!
    return chain(
      first,
      k,
      p => a[tA ? p * m + i : i * k + p]!,
      p => b[tB ? j * k + p : p * n + j]!,
    )
  })
  expect(bench.get(at, m * n)).toEqual(expected)
}

interface Shape {
  batch: number
  channels: number
  height: number
  width: number
  filters: number
  size: number
  padding: number
  stride: number
}

const shapeArbitrary: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 18 }),
    width: fc.integer({ min: 1, max: 18 }),
    filters: fc.integer({ min: 1, max: 9 }),
    size: fc.integer({ min: 1, max: 5 }),
    padding: fc.integer({ min: 0, max: 4 }),
    stride: fc.constantFrom(1, 1, 2, 3),
  })
  .filter(s => s.padding < s.size && Math.min(s.height, s.width) + 2 * s.padding >= s.size)

function outOf(s: Shape): { outHeight: number; outWidth: number; pixels: number; cells: number } {
  const outHeight = Math.floor((s.height + 2 * s.padding - s.size) / s.stride) + 1
  const outWidth = Math.floor((s.width + 2 * s.padding - s.size) / s.stride) + 1
  return { outHeight, outWidth, pixels: outHeight * outWidth, cells: s.channels * s.size * s.size }
}

/** x at (image, channel, row, column) of the padded image. */
function reader(x: Float32Array, s: Shape): (image: number, channel: number, row: number, column: number) => number {
  return (image, channel, row, column) => {
    const [y, z] = [row - s.padding, column - s.padding]
    if (y < 0 || z < 0 || y >= s.height || z >= s.width) return 0
    return x[((image * s.channels + channel) * s.height + y) * s.width + z]!
  }
}

function convolve(x: Float32Array, w: Float32Array, start: (filter: number) => number, s: Shape): Float32Array {
  const { outWidth, pixels, cells } = outOf(s)
  const at = reader(x, s)
  const area = s.size * s.size
  return Float32Array.from({ length: s.batch * s.filters * pixels }, (_, index) => {
    const pixel = index % pixels
    const filter = Math.floor(index / pixels) % s.filters
    const image = Math.floor(index / pixels / s.filters)
    const [row, column] = [Math.floor(pixel / outWidth), pixel % outWidth]
    return chain(
      start(filter),
      cells,
      p => w[filter * cells + p]!,
      p => {
        const inside = p % area
        const [y, z] = [row * s.stride + Math.floor(inside / s.size), column * s.stride + (inside % s.size)]
        return at(image, Math.floor(p / area), y, z)
      },
    )
  })
}

/** Room for conv2d's scratch, generous. */
const scratch = (bench: Bench): number => bench.room(40_000)

describe('conv2d', () => {
  test('gives the bits of a plain loop over channels, rows and columns of the kernel', () => {
    fc.assert(
      fc.property(shapeArbitrary, s => {
        const bench = open()
        const { outHeight, outWidth, pixels, cells } = outOf(s)
        const x = values(s.batch * s.channels * s.height * s.width, 1)
        const [w, bias] = [values(s.filters * cells, 2), values(s.filters, 3)]
        const [packed, y] = [scratch(bench), bench.room(s.batch * s.filters * pixels)]
        const { kernels } = bench.engine
        kernels.packFilters(bench.put(w), s.filters, cells, packed)
        const { batch, channels, height, width, filters, size, padding, stride } = s
        const [padded, panel] = [scratch(bench), scratch(bench)]
        kernels.conv2d(
          bench.put(x),
          packed,
          bench.put(bias),
          y,
          batch,
          channels,
          height,
          width,
          filters,
          size,
          padding,
          stride,
          1,
          outHeight,
          outWidth,
          padded,
          panel,
        )
        expect(bench.get(y, batch * filters * pixels)).toEqual(convolve(x, w, filter => bias[filter]!, s))
      }),
      { numRuns: 60 },
    )
  })

  test('carries gradients to the filters image after image, pixel after pixel', () => {
    fc.assert(
      fc.property(shapeArbitrary, s => {
        const bench = open()
        const { outHeight, outWidth, pixels, cells } = outOf(s)
        const { batch, channels, height, width, filters, size, padding, stride } = s
        const x = values(batch * channels * height * width, 1)
        const dy = values(batch * filters * pixels, 2)
        const gradient = bench.room(filters * cells)
        const [padded, a, b] = [scratch(bench), scratch(bench), scratch(bench)]
        bench.engine.kernels.conv2dFilterGradient(
          bench.put(x),
          bench.put(dy),
          gradient,
          batch,
          channels,
          height,
          width,
          filters,
          size,
          padding,
          stride,
          outHeight,
          outWidth,
          padded,
          a,
          b,
        )
        const at = reader(x, s)
        const area = size * size
        const expected = Float32Array.from({ length: filters * cells }, (_, index) => {
          const [filter, cell] = [Math.floor(index / cells), index % cells]
          const [channel, inside] = [Math.floor(cell / area), cell % area]
          const [ky, kx] = [Math.floor(inside / size), inside % size]
          return chain(
            0,
            batch * pixels,
            p => dy[(Math.floor(p / pixels) * filters + filter) * pixels + (p % pixels)]!,
            p => {
              const pixel = p % pixels
              const [row, column] = [Math.floor(pixel / outWidth) * stride, (pixel % outWidth) * stride]
              return at(Math.floor(p / pixels), channel, row + ky, column + kx)
            },
          )
        })
        expect(bench.get(gradient, filters * cells)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('packs turned filters as those of the convolution that carries gradients back', () => {
    const [filters, channels, area] = [3, 5, 9]
    const bench = open()
    const w = values(filters * channels * area)
    const turned = new Float32Array(w.length)
    for (let c = 0; c < channels; c++) {
      for (let k = 0; k < filters; k++) {
        for (let cell = 0; cell < area; cell++) {
          turned[(c * filters + k) * area + cell] = w[(k * channels + c) * area + (area - 1 - cell)]!
        }
      }
    }
    const length = 2 * filters * area * 4
    const [direct, viaTurned] = [bench.room(length), bench.room(length)]
    bench.engine.kernels.packTurnedFilters(bench.put(w), filters, channels, area, direct)
    bench.engine.kernels.packFilters(bench.put(turned), channels, filters * area, viaTurned)
    expect(bench.get(direct, length)).toEqual(bench.get(viaTurned, length))
  })
})

describe('max-pooling and ReLU', () => {
  const pool = fc.record({
    planes: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 2, max: 19 }),
    width: fc.integer({ min: 2, max: 19 }),
    size: fc.integer({ min: 2, max: 4 }),
    rectify: fc.boolean(),
    coarse: fc.boolean(),
  })

  test('take the greatest of a window, and send its gradient to the first that was', () => {
    fc.assert(
      fc.property(pool, ({ planes, height, width, size, rectify, coarse }) => {
        fc.pre(height >= size && width >= size)
        const bench = open()
        const [outHeight, outWidth] = [Math.floor(height / size), Math.floor(width / size)]
        // Coarse values make many of a window equal.
        const x = values(planes * height * width, 1).map(v => (coarse ? Math.round(v * 2) / 2 + 0 : v))
        const dy = values(planes * outHeight * outWidth, 2)
        const y = new Float32Array(dy.length)
        const dx = new Float32Array(x.length)
        for (let out = 0; out < y.length; out++) {
          const plane = Math.floor(out / (outHeight * outWidth))
          const row = Math.floor(out / outWidth) % outHeight
          let best = -1
          for (let ky = 0; ky < size; ky++) {
            for (let kx = 0; kx < size; kx++) {
              const i = (plane * height + row * size + ky) * width + (out % outWidth) * size + kx
              if (best < 0 || x[i]! > x[best]!) best = i
            }
          }
          y[out] = rectify && !(x[best]! > 0) ? 0 : x[best]!
          if (!rectify || x[best]! > 0) dx[best] = dy[out]!
        }
        const { kernels } = bench.engine
        const [xAt, yAt, dxAt] = [bench.put(x), bench.room(y.length), bench.room(x.length)]
        kernels.maxPool(xAt, yAt, planes, height, width, size, +rectify)
        kernels.maxPoolBackward(xAt, yAt, bench.put(dy), dxAt, planes, height, width, size, +rectify)
        expect(bench.get(yAt, y.length)).toEqual(y)
        expect(bench.get(dxAt, x.length)).toEqual(dx)
      }),
      { numRuns: 80 },
    )
  })

  test('ReLU clears what is not above zero, forward and backward', () => {
    const bench = open()
    const [x, dy] = [values(23, 1), values(23, 2)]
    const [yAt, dyAt] = [bench.room(23), bench.put(dy)]
    bench.engine.kernels.relu(bench.put(x), yAt, 23)
    bench.engine.kernels.reluBackward(yAt, dyAt, 23)
    expect(bench.get(yAt, 23)).toEqual(x.map(v => Math.max(v, 0)))
    expect(bench.get(dyAt, 23)).toEqual(dy.map((v, i) => (x[i]! > 0 ? v : 0)))
  })
})

describe('sums', () => {
  test('of columns add row after row', () => {
    const bench = open()
    const x = values(17 * 11)
    const sums = bench.room(11)
    bench.engine.kernels.columnSums(bench.put(x), 17, 11, sums)
    const expected = Float32Array.from({ length: 11 }, (_, j) =>
      chain(
        0,
        17,
        p => x[p * 11 + j]!,
        () => 1,
      ),
    )
    expect(bench.get(sums, 11)).toEqual(expected)
  })

  test('of channels use sixteen partial sums, whatever is left over at the end of an image', () => {
    for (const pixels of [1, 3, 4, 7, 16, 19, 25, 31, 49]) {
      const bench = open()
      const [batch, channels] = [3, 2]
      const x = values(batch * channels * pixels)
      const sums = bench.room(channels)
      bench.engine.kernels.channelSums(bench.put(x), batch, channels, pixels, sums)
      const expected = Float32Array.from({ length: channels }, (_, channel) => {
        const part = new Float32Array(16)
        for (let image = 0; image < batch; image++) {
          for (let p = 0; p < pixels; p++) part[p % 16]! += x[(image * channels + channel) * pixels + p]!
        }
        const lane = (i: number): number => f(f(part[i]! + part[i + 4]!) + f(part[i + 8]! + part[i + 12]!))
        return f(f(lane(0) + lane(1)) + f(lane(2) + lane(3)))
      })
      expect(bench.get(sums, channels)).toEqual(expected)
    }
  })

  test('of squares are taken in float64', () => {
    const bench = open()
    const x = values(1001)
    let expected = 0
    for (const v of x) expected += v * v
    expect(bench.engine.kernels.sumOfSquares(bench.put(x), 1001)).toBe(expected)
  })
})

describe('attention', () => {
  test('adds the values of a row place after place, and their gradients from the diagonal down, to the bit', () => {
    const shape = fc.record({
      context: fc.integer({ min: 1, max: 19 }),
      heads: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 1, max: 11 }),
    })
    fc.assert(
      fc.property(shape, ({ context, heads, size }) => {
        const bench = open()
        const [batch, width] = [2, heads * size]
        const qkv = values(batch * context * 3 * width, 1)
        const dout = values(batch * context * width, 2)
        const room = (count: number): number => bench.room(count)
        const [at, p, out] = [bench.put(qkv), room(batch * heads * context * context), room(dout.length)]
        const [a, b, dp, dqkv] = [room(2000), room(2000), room(context * context), room(qkv.length)]
        const { kernels } = bench.engine
        kernels.attention(at, p, out, batch, context, heads, size, 0.3, a, b)
        kernels.attentionBackward(at, p, bench.put(dout), dqkv, batch, context, heads, size, 0.3, dp, a, b)
        const weights = bench.get(p, batch * heads * context * context)
        const weight = (image: number, head: number, i: number, j: number): number =>
          weights[((image * heads + head) * context + i) * context + j]!
        const [found, gradient] = [bench.get(out, dout.length), bench.get(dqkv, qkv.length)]
        found.forEach((value, index) => {
          const [image, i] = [Math.floor(index / width / context), Math.floor(index / width) % context]
          const [column, head] = [index % width, Math.floor((index % width) / size)]
          const v = (place: number): number => qkv[((image * context + place) * 3 + 2) * width + column]!
          const d = (place: number): number => dout[(image * context + place) * width + column]!
          expect(value).toBe(chain(0, i + 1, j => weight(image, head, i, j), v))
          const down = chain(
            0,
            context - i,
            step => weight(image, head, i + step, i),
            step => d(i + step),
          )
          expect(gradient[((image * context + i) * 3 + 2) * width + column]).toBe(down)
          const row = Array.from({ length: i + 1 }, (_, j) => weight(image, head, i, j))
          expect(Math.abs(row.reduce((sum, w) => sum + w, 0) - 1)).toBeLessThan(1e-6)
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('embedding', () => {
  test('adds the gradients of a token row after row, on top of what is there', () => {
    const bench = open()
    const [batch, context, width, vocabulary] = [3, 5, 7, 4]
    const tokens = labels(batch * context, vocabulary, 1)
    const dy = values(batch * context * width, 2)
    const before = values(vocabulary * width, 3)
    const [table, positions] = [bench.put(before), bench.put(new Float32Array(context * width))]
    const at = bench.put(tokens)
    bench.engine.kernels.embeddingBackward(at, bench.put(dy), table, positions, batch * context, context, width)
    const [expected, places] = [before.slice(), new Float32Array(context * width)]
    dy.forEach((value, index) => {
      const [row, column] = [Math.floor(index / width), index % width]
      const [token, place] = [tokens[row]! * width + column, (row % context) * width + column]
      expected[token] = f(expected[token]! + value)
      places[place] = f(places[place]! + value)
    })
    expect(bench.get(table, vocabulary * width)).toEqual(expected)
    expect(bench.get(positions, context * width)).toEqual(places)
  })
})
