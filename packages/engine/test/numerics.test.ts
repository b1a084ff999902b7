import { describe, expect, test } from 'vitest'
import { Bench, labels, openEngine, values } from './support.ts'

const f = Math.fround
const open = (): Bench => new Bench(openEngine())

/** How far a is from b, in parts of b. */
const error = (a: number, b: number): number => (a === b ? 0 : Math.abs(a - b) / Math.abs(b))

describe('exp, ln, sin, cos by + - * / alone', () => {
  const { kernels } = openEngine()

  test('exp is right to 1e-15, from the smallest to the largest result', () => {
    for (let x = -700; x <= 700; x += 0.37) expect(error(kernels.exp(x), Math.exp(x))).toBeLessThan(1e-15)
    expect([kernels.exp(0), kernels.exp(-1000), kernels.exp(1000)]).toEqual([1, 0, Infinity])
    expect(kernels.exp(-744)).toBeGreaterThan(0)
    expect(kernels.exp(Number.NaN)).toBeNaN()
  })

  test('ln is right to 1e-15', () => {
    for (let x = 1e-300; x < 1e300; x *= 3.7) expect(error(kernels.ln(x), Math.log(x))).toBeLessThan(1e-15)
    for (let x = 0.5; x < 2; x += 0.001) expect(Math.abs(kernels.ln(x) - Math.log(x))).toBeLessThan(4e-16)
    expect([kernels.ln(1), kernels.ln(0), kernels.ln(Infinity)]).toEqual([0, -Infinity, Infinity])
    expect(kernels.ln(-1)).toBeNaN()
  })

  test('sin and cos of turns are right to 1e-15', () => {
    for (let turns = 0; turns < 1; turns += 0.00137) {
      expect(Math.abs(kernels.sinOfTurns(turns) - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-15)
      expect(Math.abs(kernels.cosOfTurns(turns) - Math.cos(2 * Math.PI * turns))).toBeLessThan(1e-15)
    }
  })
})

describe('float32 functions', () => {
  const words = new Int32Array(1)
  const floats = new Float32Array(words.buffer)
  /** The place of a float32 in the order of all of them; both zeros are one. */
  const rank = (value: number): number => {
    floats[0] = value
    return words[0]! < 0 ? -(words[0]! & 0x7fffffff) : words[0]!
  }
  const all = Float32Array.from(new Float32Array(Uint32Array.from({ length: 65_536 }, (_, i) => i * 65_521).buffer))
  const inputs = all.filter(Number.isFinite)

  test.each<[string, number, (x: number) => number, number]>([
    ['exp, four at a time', -1, Math.exp, 1],
    ['log', 0, Math.log, 0],
    ['tanh', 1, Math.tanh, 0],
    ['sin', 3, Math.sin, 0],
    ['cos', 4, Math.cos, 0],
    ['exp', 5, Math.exp, 0],
  ])('%s lies within 2 ulp of the nearest float32, over its whole range', (_, which, right, measured) => {
    const bench = open()
    const [x, y] = [bench.put(inputs), bench.room(inputs.length)]
    if (which < 0) bench.engine.kernels.mapExp(x, y, inputs.length)
    else bench.engine.kernels.mapFunction(which, x, y, inputs.length)
    const results = bench.get(y, inputs.length)
    let worst = 0
    inputs.forEach((value, i) => {
      const expected = f(right(value))
      if (Number.isNaN(expected)) expect(results[i]).toBeNaN()
      else worst = Math.max(worst, Math.abs(rank(results[i]!) - rank(expected)))
    })
    expect(worst).toBeLessThanOrEqual(measured)
  })

  test('erf has the values of Abramowitz and Stegun, table 7.1', () => {
    const known = [0, 0, 0.5, 0.5204998778, 1, 0.8427007929, 2, 0.995322265, -1.5, -0.9661051465, 9, 1]
    const bench = open()
    const [x, y] = [bench.put(Float32Array.from(known.filter((_, i) => i % 2 === 0))), bench.room(6)]
    bench.engine.kernels.mapFunction(2, x, y, 6)
    bench.get(y, 6).forEach((value, i) => {
      expect(Math.abs(value - known[2 * i + 1]!)).toBeLessThan(6e-8)
    })
  })
})

describe('random numbers', () => {
  test('are those of Philox 4×32-10: the known answers of Random123', () => {
    const known: [number[], number[]][] = [
      [Array(6).fill(0), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
      [Array(6).fill(0xffffffff), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
      [
        [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
        [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
      ],
    ]
    for (const [input, output] of known) {
      const bench = open()
      const to = bench.room(4)
      const [c0, c1, c2, c3, k0, k1] = input as [number, number, number, number, number, number]
      bench.engine.kernels.philox(c0, c1, c2, c3, k0, k1, to)
      expect([...new Uint32Array(bench.engine.memory.buffer, to, 4)]).toEqual(output)
    }
  })

  test('uniform ones fill their interval evenly, normal ones have the moments of a normal', () => {
    const bench = open()
    const count = 40_000
    const to = bench.room(count)
    const moment = (power: number): number => bench.get(to, count).reduce((sum, v) => sum + v ** power, 0) / count
    bench.engine.kernels.fillUniform(to, count, -1, 3, 0, 1, 2, 3, 4)
    const uniform = bench.get(to, count)
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...uniform)).toBeLessThanOrEqual(3)
    expect(moment(1)).toBeCloseTo(1, 1)
    expect(moment(2)).toBeCloseTo(16 / 12 + 1, 1)
    bench.engine.kernels.fillNormal(to, count, 1, 0, 1, 2, 3, 4)
    expect([1, 2, 3].map(moment).map(v => Math.round(v * 10) / 10 + 0)).toEqual([0, 1, 0])
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15)
  })

  test('depend on index and stream, not on how many are drawn', () => {
    const bench = open()
    const [short, long, other] = [bench.room(10), bench.room(50), bench.room(10)]
    bench.engine.kernels.fillNormal(short, 10, 1, 7, 1, 2, 3, 4)
    bench.engine.kernels.fillNormal(long, 50, 1, 7, 1, 2, 3, 4)
    bench.engine.kernels.fillNormal(other, 10, 1, 8, 1, 2, 3, 4)
    expect(bench.get(short, 10)).toEqual(bench.get(long, 10))
    expect(bench.get(short, 10)).not.toEqual(bench.get(other, 10))
  })
})

describe('softmax cross-entropy', () => {
  test('gives loss, gradient and predictions, also for logits far apart', () => {
    for (const scale of [1, 30, 500]) {
      const [rows, classes] = [7, 5]
      const bench = open()
      const logits = values(rows * classes, scale).map(v => v * scale)
      const y = labels(rows, classes)
      const [gradient, predictions] = [bench.room(rows * classes), bench.room(rows)]
      const { kernels } = bench.engine
      const [at, yAt] = [bench.put(logits), bench.put(y)]
      const loss = kernels.softmaxCrossEntropy(at, yAt, rows, classes, gradient, 1 / rows, predictions)
      let expectedLoss = 0
      const expectedGradient: number[] = []
      const best: number[] = []
      for (let row = 0; row < rows; row++) {
        const own = [...logits.subarray(row * classes, (row + 1) * classes)]
        const top = Math.max(...own)
        best.push(own.indexOf(top))
        const sum = own.reduce((total, v) => total + Math.exp(v - top), 0)
        expectedLoss += Math.log(sum) - (own[y[row]!]! - top)
        own.forEach((v, c) => {
          expectedGradient.push((Math.exp(v - top) / sum - (c === y[row] ? 1 : 0)) / rows)
        })
      }
      expect(error(loss, expectedLoss)).toBeLessThan(1e-12)
      bench.get(gradient, rows * classes).forEach((v, i) => {
        expect(Math.abs(v - expectedGradient[i]!)).toBeLessThan(3e-8)
      })
      expect([...new Int32Array(bench.engine.memory.buffer, predictions, rows)]).toEqual(best)
    }
  })
})

describe('optimisers', () => {
  const count = 11

  test('AdamW gives the bits of its formula', () => {
    const bench = open()
    const [p, g, m, v] = [values(count, 1), values(count, 2), values(count, 3), values(count, 4).map(Math.abs)]
    const at = [p, g, m, v].map(array => bench.put(array)) as [number, number, number, number]
    const [beta1, gain1, beta2, gain2, rate, scale, epsilon, decay] = [0.9, 0.1, 0.99, 0.01, 0.01, 3, 1e-8, 0.999].map(
      f,
    )
    bench.engine.kernels.adamw(...at, count, beta1!, gain1!, beta2!, gain2!, rate!, scale!, epsilon!, decay!)
    const first = m.map((old, i) => f(f(beta1! * old) + f(gain1! * g[i]!)))
    const second = v.map((old, i) => f(f(beta2! * old) + f(f(gain2! * g[i]!) * g[i]!)))
    const expected = p.map((old, i) => {
      const divisor = f(f(f(Math.sqrt(second[i]!)) * scale!) + epsilon!)
      return f(f(old * decay!) - f(f(rate! * first[i]!) / divisor))
    })
    expect(bench.get(at[2], count)).toEqual(first)
    expect(bench.get(at[3], count)).toEqual(second)
    expect(bench.get(at[0], count)).toEqual(expected)
  })

  test('SGD gives the bits of its formula, with and without Nesterov', () => {
    for (const nesterov of [0, 1]) {
      const bench = open()
      const [p, g, b] = [values(count, 1), values(count, 2), values(count, 3)]
      const at = [p, g, b].map(array => bench.put(array)) as [number, number, number]
      const [rate, momentum] = [f(0.1), f(0.9)]
      bench.engine.kernels.sgd(...at, count, rate, momentum, nesterov)
      const velocity = b.map((old, i) => f(f(momentum * old) + g[i]!))
      const step = velocity.map((v, i) => (nesterov ? f(g[i]! + f(momentum * v)) : v))
      expect(bench.get(at[2], count)).toEqual(velocity)
      expect(bench.get(at[0], count)).toEqual(p.map((old, i) => f(old - f(rate * step[i]!))))
    }
  })
})
