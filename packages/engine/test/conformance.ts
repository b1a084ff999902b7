import { hashOf } from '@hydraai/core'
import type { Block } from '../src/allocator.ts'
import type { OpenEngine } from '../src/engine.ts'
import type { Kernels } from '../src/wasm.ts'
import { labels, values } from './values.ts'

/**
 * The SHA-256 of what every primitive makes of ordinary and of extreme inputs, by name. Every runtime must find the same.
 *
 * Inputs hold denormals, both zeros, both infinities, and the largest and smallest exponents. NaN is not among them, and a
 * NaN in an output is made the one NaN 0x7fc00000 before it is hashed: the bits of a NaN differ between processors, which is
 * why the engine refuses one wherever values are hashed or received.
 */
export function conformanceVectors(engine: OpenEngine): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, run] of Object.entries(CASES)) {
    for (const kind of KINDS) {
      const room = new Room(engine, kind)
      run(room.kernels, room)
      found[`${name}/${kind}`] = room.hash()
      room.clear()
    }
  }
  return found
}

/**
 * `tiny`: most values are zeros, denormals or so small that products are. `extreme`: some are huge, infinite or at the edge of a
 * function; few in sums, or all would be NaN.
 */
const KINDS = ['ordinary', 'tiny', 'extreme'] as const
type Kind = (typeof KINDS)[number]

const TINY = Float32Array.of(
  ...[0, -0, 1.401298464324817e-45, -1.401298464324817e-45, 1.1754942106924411e-38, 1.1754943508222875e-38],
  ...[-1.1754942106924411e-38, 1e-19, -1e-19, 3e-23, 1e-30, -1e-40, 2.5e-41, 1e-7, 0.5],
)
const EXTREMES = Float32Array.of(
  ...[Infinity, -Infinity, 3.4028234663852886e38, -3.4028234663852886e38, 1.7e38, -1e30, 1e19, 0, -0, 1, -1],
  ...[88.72283, 88.7229, -87.33655, -103.97, -104.1, 16_777_216, -16_777_217, 0.99999994, 33_554_432, 6e9, -2e33],
  ...TINY,
)
/** One value in so many is extreme where values are added up. */
const SPARSE = 47

/** An engine's memory, filled from inputs of one kind; remembers what is an output. */
class Room {
  readonly kernels: Kernels
  readonly #engine: OpenEngine
  readonly #kind: Kind
  readonly #outputs: { address: number; count: number }[] = []
  readonly #numbers: number[] = []
  readonly #blocks: Block[] = []

  constructor(engine: OpenEngine, kind: Kind) {
    this.#engine = engine
    this.kernels = engine.kernels
    this.#kind = kind
  }

  /** Inputs that depend on their count and salt, for products and sums. */
  input(count: number, salt: number): number {
    return this.#put(this.#values(count, salt, SPARSE))
  }

  /** Inputs for what works on single elements. */
  dense(count: number, salt: number): number {
    return this.#put(this.#values(count, salt, 2))
  }

  #values(count: number, salt: number, spacing: number): Float32Array {
    const [tiny, extreme] = [labels(count, TINY.length, salt), labels(count, EXTREMES.length, salt)]
    return values(count, salt).map((v, i) => {
      if (this.#kind === 'tiny') return i % 3 === 0 ? v : TINY[tiny[i]!]!
      return this.#kind === 'extreme' && i % spacing === 1 ? EXTREMES[extreme[i]!]! : v
    })
  }

  tokens(count: number, limit: number): number {
    return this.#put(labels(count, limit, 9))
  }

  scratch(count: number): number {
    return this.#put(new Float32Array(count))
  }

  output(count: number): number {
    const address = this.scratch(count)
    this.#outputs.push({ address, count })
    return address
  }

  /** An input that is an output too. */
  inPlace(address: number, count: number): number {
    this.#outputs.push({ address, count })
    return address
  }

  number(value: number): void {
    this.#numbers.push(value)
  }

  hash(): string {
    const total = this.#outputs.reduce((sum, { count }) => sum + count, 0)
    const bytes = new DataView(new ArrayBuffer(total * 4 + this.#numbers.length * 8))
    let at = 0
    for (const { address, count } of this.#outputs) {
      const words = new Uint32Array(this.#engine.memory.buffer, address, count)
      for (const word of words) {
        bytes.setUint32(at, (word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word, true)
        at += 4
      }
    }
    for (const number of this.#numbers) {
      if (Number.isNaN(number)) bytes.setUint32(at, 0x7ff80000, true)
      else bytes.setFloat64(at, number, true)
      at += 8
    }
    return hashOf(new Uint8Array(bytes.buffer))
  }

  clear(): void {
    for (const block of this.#blocks) this.#engine.allocator.free(block)
  }

  #put(array: Float32Array | Int32Array): number {
    const block = this.#engine.allocator.allocate(array.byteLength + 256)
    this.#blocks.push(block)
    new Uint8Array(this.#engine.memory.buffer, block.address, array.byteLength).set(new Uint8Array(array.buffer))
    return block.address
  }
}

type Case = (k: Kernels, room: Room) => void

/** Elementwise functions, over counts that are no multiple of four but for the last. */
const N = 397

const map =
  (which: number): Case =>
  (k, r) =>
    k.mapFunction(which, r.dense(N, 1), r.output(N), N)

const product =
  (transposeA: number, transposeB: number, start: number): Case =>
  (k, r) => {
    const [m, n, depth] = [13, 21, 300]
    const c = r.inPlace(r.input(m * n, 3), m * n)
    k.matmul(
      r.input(m * depth, 1),
      r.input(depth * n, 2),
      c,
      m,
      n,
      depth,
      transposeA,
      transposeB,
      start,
      r.input(32, 4),
    )
  }

const image = { batch: 2, channels: 3, height: 9, width: 7, filters: 5, size: 3, padding: 1 }

const convolution =
  (stride: number): Case =>
  (k, r) => {
    const { batch, channels, height, width, filters, size, padding } = image
    const [oh, ow] = [Math.floor((height - 1) / stride) + 1, Math.floor((width - 1) / stride) + 1]
    const length = channels * size * size
    const x = r.input(batch * channels * height * width, 1)
    const y = r.output(batch * filters * oh * ow)
    // For up to three threads.
    const [padded, packed, panel] = [r.scratch(6000), r.scratch(6000), r.scratch(6000)]
    const w = r.input(filters * length, 2)
    const rest = [channels, height, width, filters, size, padding] as const
    k.packFilters(w, filters, length, packed)
    k.conv2d(x, packed, r.input(8, 3), y, batch, ...rest, stride, 1, oh, ow, padded, panel)
    const dy = r.input(batch * filters * oh * ow, 4)
    k.conv2dFilterGradient(x, dy, r.output(filters * length), batch, ...rest, stride, oh, ow, padded, packed, panel)
    k.packTurnedFilters(w, filters, channels, size * size, packed)
    const dx = r.output(batch * channels * height * width)
    const turned = [filters, oh, ow, channels, size, size - 1 - padding] as const
    k.conv2d(dy, packed, 0, dx, batch, ...turned, 1, stride, height, width, padded, panel)
  }

const CASES: Readonly<Record<string, Case>> = {
  'exp, four at a time': (k, r) => k.mapExp(r.dense(N, 1), r.output(N), N),
  log: map(0),
  tanh: map(1),
  erf: map(2),
  sin: map(3),
  cos: map(4),
  exp: map(5),
  'matmul, from zero': product(0, 0, 0),
  'matmul, from C, A transposed': product(1, 0, 1),
  'matmul, from a row bias, B transposed': product(0, 1, 2),
  'matmul, from a column bias, both transposed': product(1, 1, 3),
  'conv2d and its gradients': convolution(1),
  'conv2d with a stride and its gradients': convolution(2),
  'relu and its gradient': (k, r) => {
    const y = r.output(N)
    k.relu(r.dense(N, 1), y, N)
    k.reluBackward(y, r.inPlace(r.input(N, 2), N), N)
  },
  gelu: (k, r) => k.gelu(r.dense(N, 1), r.output(N), r.output(N), N),
  silu: (k, r) => k.silu(r.dense(N, 1), r.output(N), r.output(N), N),
  'add, multiply, scale': (k, r) => {
    k.add(r.dense(N, 1), r.dense(N, 2), r.output(N), N)
    k.multiply(r.dense(N, 1), r.dense(N, 2), r.output(N), N)
    k.scale(r.inPlace(r.dense(N, 3), N), N, 0.3)
  },
  dropout: (k, r) => k.dropout(r.dense(N, 1), r.output(N), N, 0x40000000, 4 / 3, 5, 6, 7, 8),
  'maximum pooling and its gradient': (k, r) => {
    for (const [size, rectify] of [
      [2, 1],
      [3, 0],
    ] as const) {
      const cells = 2 * Math.floor(13 / size) * Math.floor(11 / size)
      const [x, y] = [r.input(2 * 13 * 11, 1), r.output(cells)]
      k.maxPool(x, y, 2, 13, 11, size, rectify)
      k.maxPoolBackward(x, y, r.input(cells, 2), r.output(2 * 13 * 11), 2, 13, 11, size, rectify)
    }
  },
  'average pooling and its gradient': (k, r) => {
    k.avgPool(r.input(2 * 13 * 11, 1), r.output(2 * 4 * 3), 2, 13, 11, 3)
    k.avgPoolBackward(r.input(2 * 4 * 3, 2), r.output(2 * 13 * 11), 2, 13, 11, 3)
  },
  'sums of columns, channels, squares': (k, r) => {
    k.columnSums(r.input(17 * 39, 1), 17, 39, r.output(39))
    k.channelSums(r.input(3 * 2 * 39, 2), 3, 2, 39, r.output(2))
    r.number(k.sumOfSquares(r.input(N, 3), N))
  },
  'layer norm and its gradient': (k, r) => {
    const [x, gain, stats] = [r.input(5 * 27, 1), r.input(27, 2), r.output(10)]
    k.layerNorm(x, r.output(5 * 27), gain, r.input(27, 3), stats, 5, 27, 1e-5)
    const dx = r.inPlace(r.input(5 * 27, 5), 5 * 27)
    k.layerNormBackward(x, stats, gain, r.input(5 * 27, 4), dx, r.output(27), r.output(27), 5, 27, 1)
  },
  'group norm and its gradient': (k, r) => {
    const [x, gain, stats] = [r.input(2 * 6 * 13, 1), r.input(6, 2), r.output(12)]
    k.groupNorm(x, r.output(2 * 6 * 13), gain, r.input(6, 3), stats, 2, 6, 13, 3, 1e-5)
    k.groupNormBackward(x, stats, gain, r.input(156, 4), r.output(156), r.output(6), r.output(6), 2, 6, 13, 3)
  },
  'embedding and its gradient': (k, r) => {
    const tokens = r.tokens(2 * 7, 5)
    k.embedding(tokens, r.input(5 * 9, 1), r.input(7 * 9, 2), r.output(2 * 7 * 9), 14, 7, 9)
    k.embeddingBackward(tokens, r.input(2 * 7 * 9, 3), r.output(5 * 9), r.output(7 * 9), 14, 7, 9)
  },
  'attention and its gradient': (k, r) => {
    const [batch, context, heads, size] = [2, 11, 2, 6]
    const width = heads * size
    const [qkv, p] = [r.input(batch * context * 3 * width, 1), r.output(batch * heads * context * context)]
    const [a, b, dp] = [r.scratch(900), r.scratch(900), r.scratch(400)]
    k.attention(qkv, p, r.output(batch * context * width), batch, context, heads, size, 0.4, a, b)
    const dqkv = r.output(batch * context * 3 * width)
    k.attentionBackward(qkv, p, r.input(batch * context * width, 2), dqkv, batch, context, heads, size, 0.4, dp, a, b)
  },
  'a row of a product': (k, r) => {
    k.decodeLinear(r.input(53, 1), r.input(2 * 53 * 32, 2), r.input(64, 3), r.output(64), 53, 41)
  },
  'attention of one query': (k, r) => {
    const [context, heads, size] = [22, 2, 6]
    const [keys, values] = [r.input(heads * size * 24, 1), r.input(heads * context * 8, 2)]
    for (const place of [0, 5, 21]) {
      const out = r.output(heads * size + 3)
      k.decodeAttention(r.input(36, 3 + place), keys, values, r.output(24), out, place, context, heads, size, 0.4)
    }
  },
  'cross-entropy': (k, r) => {
    r.number(k.softmaxCrossEntropy(r.input(9 * 13, 1), r.tokens(9, 13), 9, 13, r.output(117), 0.25, r.output(9)))
  },
  'squared error': (k, r) => r.number(k.squaredError(r.dense(N, 1), r.dense(N, 2), N, r.output(N), 0.25)),
  adamw: (k, r) => {
    const [p, m, v] = [1, 2, 3].map(salt => r.inPlace(r.dense(N, salt), N)) as [number, number, number]
    k.adamw(p, r.dense(N, 4), m, v, N, 0.9, 0.1, 0.99, 0.01, 1e-3, 1.5, 1e-8, 0.999)
  },
  sgd: (k, r) => k.sgd(r.inPlace(r.dense(N, 1), N), r.dense(N, 2), r.inPlace(r.dense(N, 3), N), N, 0.1, 0.9, 1),
  'random numbers': (k, r) => {
    k.fillUniform(r.output(N), N, -1, 3, 1, 2, 3, 4, 5)
    k.fillNormal(r.output(N), N, 0.7, 1, 2, 3, 4, 5)
  },
}
