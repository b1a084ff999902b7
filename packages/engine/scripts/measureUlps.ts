// Measures how far exp, log, tanh, erf, sin and cos of the engine lie from the correctly rounded float32, in units in the last
// place, over all finite float32 arguments, one in STRIDE.
//
//     node scripts/measureUlps.ts [STRIDE]          default 997: 4.3 million arguments a function
//
// What is right comes from the host's float64 functions, and for erf from its Taylor series in integers of 320 bits: exact
// enough that only a value within 1e-8 ulp of the middle between two float32 could be judged wrongly, by one ulp.
import { readFileSync } from 'node:fs'
import { createOpenEngine } from '../src/engine.ts'

const stride = Number(process.argv[2] ?? 997)
const engine = createOpenEngine(new Uint8Array(readFileSync(new URL('../build/engine.wasm', import.meta.url))))
const { kernels, memory, allocator } = engine

const COUNT = 65_536
const [x, y] = [allocator.allocate(COUNT * 4).address, allocator.allocate(COUNT * 4).address]

const BITS = 320n
/** 2 / sqrt π · 2^320. */
const SCALE = 2n ** BITS
const TWO_OVER_ROOT_PI = squareRoot((4n * SCALE * SCALE * SCALE) / pi())

function squareRoot(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2))
  for (;;) {
    const next = (root + square / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** π · 2^320 by Machin's formula. */
function pi(): bigint {
  const arctangent = (inverse: bigint): bigint => {
    let [term, sum] = [SCALE / inverse, 0n]
    for (let odd = 1n, sign = 1n; term !== 0n; odd += 2n, sign = -sign, term /= inverse * inverse) {
      sum += (sign * term) / odd
    }
    return sum
  }
  return 4n * (4n * arctangent(5n) - arctangent(239n))
}

function erf(value: number): number {
  if (Math.abs(value) < 1e-9) return value * 1.1283791670955126
  if (Math.abs(value) > 4.2) return Math.sign(value)
  const fixed = (BigInt(value * 2 ** 60) * SCALE) >> 60n
  const square = (fixed * fixed) / SCALE
  let [power, sum] = [fixed, 0n]
  for (let n = 0n; power !== 0n; n++) {
    sum += power / (2n * n + 1n)
    power = (-power * square) / SCALE / (n + 1n)
  }
  return Number(((sum * TWO_OVER_ROOT_PI) / SCALE) >> (BITS - 80n)) / 2 ** 80
}

interface Subject {
  name: string
  run: (count: number) => void
  right: (value: number) => number
  /** One argument in so many of those that the others are measured at. */
  thinner?: number
}

const subjects: Subject[] = [
  { name: 'exp (four at a time)', run: count => kernels.mapExp(x, y, count), right: Math.exp },
  { name: 'exp', run: count => kernels.mapFunction(5, x, y, count), right: Math.exp },
  { name: 'log', run: count => kernels.mapFunction(0, x, y, count), right: Math.log },
  { name: 'tanh', run: count => kernels.mapFunction(1, x, y, count), right: Math.tanh },
  { name: 'erf', run: count => kernels.mapFunction(2, x, y, count), right: erf, thinner: 101 },
  { name: 'sin', run: count => kernels.mapFunction(3, x, y, count), right: Math.sin },
  { name: 'cos', run: count => kernels.mapFunction(4, x, y, count), right: Math.cos },
]

const words = new Int32Array(1)
const floats = new Float32Array(words.buffer)

/** The place of a float32 in the order of all of them, so that neighbours differ by one; both zeros are one. */
function rank(value: number): number {
  floats[0] = value
  return words[0]! < 0 ? -(words[0]! & 0x7fffffff) : words[0]!
}

for (const { name, run, right, thinner = 1 } of subjects) {
  let [worst, at, measured] = [0, 0, 0]
  const step = stride * thinner
  const input = new Float32Array(COUNT)
  const inputWords = new Uint32Array(input.buffer)
  let filled = 0
  const flush = (): void => {
    new Float32Array(memory.buffer, x, COUNT).set(input)
    run(filled)
    const output = new Float32Array(memory.buffer, y, filled)
    for (let i = 0; i < filled; i++) {
      const expected = Math.fround(right(input[i]!))
      if (Number.isNaN(expected) && Number.isNaN(output[i]!)) continue
      const distance = Math.abs(rank(output[i]!) - rank(expected))
      measured++
      if (!(distance <= worst)) [worst, at] = [distance, input[i]!]
    }
    filled = 0
  }
  for (let bits = 0; bits < 2 ** 32; bits += step) {
    inputWords[filled] = bits
    if (Number.isFinite(input[filled]!)) filled++
    if (filled === COUNT) flush()
  }
  flush()
  console.log(`${name}: at most ${worst} ulp, at ${at}; ${measured} arguments`)
}
