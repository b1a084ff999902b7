// Kernels that share their work among threads. A result is cut by rows, columns, samples or elements, never along a sum, so
// that every element is computed by the same operations in the same order, by whichever thread. What adds over the samples of
// a batch is cut across: by columns, channels, groups or cells of a filter.
import { attentionRoom, packedRoom, paddedRoom, panelRoom, productsRoom } from '../rooms.ts'
import { type Address, type Kernels, START } from '../wasm.ts'
import type { Call } from './board.ts'
import { type Range, rangesOf } from './ranges.ts'
import type { SharedKernel } from './sharedKernels.ts'
import { call, type Team } from './team.ts'

/** Operations that a part must be worth: about what it costs to hand it over. */
const GRAIN = 20_000
/** Floats of a cache line: parts that begin at a multiple of it write no line of another's. */
const LINE = 16
/** Rows of A that `matmul` packs at once. */
const BLOCK = 256
/** Rows whose losses are kept at once until they are added up. */
const LOSS_ROWS = 4096

/** Bytes that {@link splitKernels} needs for the losses of rows. */
export const LOSSES_BYTES = LOSS_ROWS * 8

/** Address + bytes, where there is an address. */
const shift = (address: Address, bytes: number): Address => (address === 0 ? 0 : address + bytes)

/**
 * The kernels, shared among the team's threads. `losses`: room for LOSSES_BYTES. `grain`: operations that a part is worth at
 * least; 1 in tests, so that all that can be is cut.
 */
export function splitKernels(
  kernels: Kernels,
  team: Team,
  memory: WebAssembly.Memory,
  losses: Address,
  grain = GRAIN,
): Kernels {
  const threads = team.size
  /** How many parts some work is worth, at most `limit`. */
  const partsOf = (work: number, limit = 2 * threads): number => Math.min(limit, Math.floor(work / grain))
  const share = (calls: Call[]): void => team.run(calls)

  /** A kernel over `args[countAt]` items that lie `strides[i]` bytes apart behind argument i. */
  const alongItems =
    (kernel: SharedKernel, countAt: number, unit: number, work: number, strides: Readonly<Record<number, number>>) =>
    (...args: number[]): void =>
      share(itemCalls(kernel, args, countAt, rangesOf(args[countAt]!, partsOf(args[countAt]! * work), unit), strides))

  const elements = (kernel: SharedKernel, countAt: number, work: number, arrays: readonly number[]) =>
    alongItems(kernel, countAt, LINE, work, Object.fromEntries(arrays.map(index => [index, 4])))

  const shared: Partial<Kernels> = {
    relu: elements('relu', 2, 1, [0, 1]),
    reluBackward: elements('reluBackward', 2, 1, [0, 1]),
    gelu: elements('gelu', 3, 10, [0, 1, 2]),
    silu: elements('silu', 3, 10, [0, 1, 2]),
    multiply: elements('multiply', 3, 1, [0, 1, 2]),
    add: elements('add', 3, 1, [0, 1, 2]),
    scale: elements('scale', 1, 2, [0]),
    clear: elements('clear', 1, 0.5, [0]),
    copy: elements('copy', 2, 0.5, [0, 1]),
    mapExp: elements('mapExp', 2, 8, [0, 1]),
    mapFunction: elements('mapFunction', 3, 50, [1, 2]),
    adamw: elements('adamw', 4, 5, [0, 1, 2, 3]),
    sgd: elements('sgd', 3, 2, [0, 1, 2]),

    dropout(x, y, count, ...rest) {
      const ranges = rangesOf(count, partsOf(count * 20), LINE)
      share(ranges.map(({ from, to }) => call('dropout', [x + from * 4, y + from * 4, to - from, ...rest, from / 4])))
    },

    matmul(a, b, c, m, n, k, transposeA, transposeB, start, bias) {
      const parts = partsOf((m * n * k) / 8)
      const { rows, columns } = productRanges(m, n, k, Math.min(parts, threads), parts)
      const calls: Call[] = []
      for (const { from: top, to: bottom } of rows) {
        for (const { from: left, to: right } of columns) {
          calls.push(
            call('matmul', [
              a + top * 4 * (transposeA ? 1 : k),
              b + left * 4 * (transposeB ? k : 1),
              c + (top * n + left) * 4,
              bottom - top,
              right - left,
              k,
              transposeA,
              transposeB,
              start,
              bias + (start === START.rowBias ? top * 4 : start === START.columnBias ? left * 4 : 0),
              m,
              n,
              n,
            ]),
          )
        }
      }
      share(calls)
    },

    conv2d(...args) {
      const [, , , , batch, channels, height, width, filters, size, padding, stride, spread, oh, ow] = args
      const work = (batch * filters * oh * ow * channels * size * size) / 8
      const calls = itemCalls('conv2d', args, 4, rangesOf(batch, partsOf(work, threads), 1), {
        0: channels * height * width * 4,
        3: filters * oh * ow * 4,
      })
      share(
        ownRooms(calls, {
          15: paddedRoom(channels, [height, width], [oh, ow], size, padding, stride, spread),
          16: panelRoom(channels * size * size),
        }),
      )
    },

    conv2dFilterGradient(...args) {
      const [, , , batch, channels, height, width, filters, size, padding, stride, oh, ow] = args
      const cells = channels * size * size
      const work = (batch * filters * oh * ow * cells) / 8
      const calls = rangesOf(cells, partsOf(work, threads), 8).map(({ from, to }) =>
        call('conv2dFilterGradient', [...args, from, to]),
      )
      share(
        ownRooms(calls, {
          13: paddedRoom(channels, [height, width], [oh, ow], size, padding, stride, 1),
          14: packedRoom(filters, oh * ow),
          15: panelRoom(oh * ow),
        }),
      )
    },

    maxPool(...args) {
      const [, , , height, width, size] = args
      const cells = Math.floor(height / size) * Math.floor(width / size)
      alongItems('maxPool', 2, 1, height * width, { 0: height * width * 4, 1: cells * 4 })(...args)
    },
    maxPoolBackward(...args) {
      const [, , , , , height, width, size] = args
      const [bytes, cells] = [height * width * 4, Math.floor(height / size) * Math.floor(width / size)]
      alongItems('maxPoolBackward', 4, 1, height * width, { 0: bytes, 1: cells * 4, 2: cells * 4, 3: bytes })(...args)
    },
    avgPool(...args) {
      const [, , , height, width, size] = args
      const cells = Math.floor(height / size) * Math.floor(width / size)
      alongItems('avgPool', 2, 1, height * width, { 0: height * width * 4, 1: cells * 4 })(...args)
    },
    avgPoolBackward(...args) {
      const [, , , height, width, size] = args
      const cells = Math.floor(height / size) * Math.floor(width / size)
      alongItems('avgPoolBackward', 2, 1, height * width, { 0: cells * 4, 1: height * width * 4 })(...args)
    },

    embedding(...args) {
      const [, , , , , context, width] = args
      alongItems('embedding', 4, context, width, { 0: 4, 3: width * 4 })(...args)
    },
    embeddingBackward(tokens, dy, dtable, dpositions, rows, context, width) {
      share(
        rangesOf(width, partsOf(rows * width), LINE).map(({ from, to }) => {
          const at = from * 4
          return call('embeddingBackward', [
            ...[tokens, dy + at, dtable + at, dpositions + at],
            ...[rows, context, to - from, width],
          ])
        }),
      )
    },

    layerNorm(...args) {
      const width = args[6]
      alongItems('layerNorm', 5, 1, 3 * width, { 0: width * 4, 1: width * 4, 4: 8 })(...args)
    },
    layerNormBackward(x, stats, gain, dy, dx, dgain, doffset, rows, width, accumulate) {
      const work = rows * width
      const sums = rangesOf(width, partsOf(work), LINE).map(({ from, to }) => {
        const at = from * 4
        return call('layerNormSums', [x + at, stats, dy + at, dgain + at, doffset + at, rows, width, to - from])
      })
      const inputs =
        dx === 0
          ? []
          : itemCalls(
              'layerNormBackward',
              [x, stats, gain, dy, dx, 0, 0, rows, width, accumulate],
              7,
              rangesOf(rows, partsOf(3 * work), 1),
              { 0: width * 4, 1: 8, 3: width * 4, 4: width * 4 },
            )
      if (sums.length === 1 && inputs.length <= 1) {
        kernels.layerNormBackward(x, stats, gain, dy, dx, dgain, doffset, rows, width, accumulate)
      } else if (dx === dy) {
        // The gradient of the input takes the place of what the sums read.
        share(sums)
        share(inputs)
      } else {
        share(interleaved(sums, inputs))
      }
    },

    groupNorm(...args) {
      const [, , , , , , channels, pixels, groups] = args
      const values = channels * pixels
      alongItems('groupNorm', 5, 1, 3 * values, { 0: values * 4, 1: values * 4, 4: groups * 8 })(...args)
    },
    groupNormBackward(...args) {
      const [, , , , , , , batch, channels, pixels, groups] = args
      const ranges = rangesOf(groups, partsOf(4 * batch * channels * pixels), 1)
      share(ranges.map(({ from, to }) => call('groupNormBackward', [...args, from, to])))
    },

    attention(...args) {
      const [, , , batch, context, heads, size] = args
      const width = heads * size
      const work = (batch * context * context * width) / 8
      const calls = itemCalls('attention', args, 3, rangesOf(batch, partsOf(work, threads), 1), {
        0: context * 3 * width * 4,
        1: heads * context * context * 4,
        2: context * width * 4,
      })
      share(ownRooms(calls, { 8: attentionRoom(context, size), 9: attentionRoom(context, size) }))
    },
    attentionBackward(...args) {
      const [, , , , batch, context, heads, size] = args
      const width = heads * size
      const work = (batch * context * context * width) / 4
      const calls = itemCalls('attentionBackward', args, 4, rangesOf(batch, partsOf(work, threads), 1), {
        0: context * 3 * width * 4,
        1: heads * context * context * 4,
        2: context * width * 4,
        3: context * 3 * width * 4,
      })
      const room = attentionRoom(context, size)
      share(ownRooms(calls, { 9: productsRoom(context), 10: room, 11: room }))
    },

    columnSums(x, rows, columns, sums) {
      const ranges = rangesOf(columns, partsOf(rows * columns), LINE)
      share(ranges.map(({ from, to }) => call('columnSums', [x + from * 4, rows, to - from, sums + from * 4, columns])))
    },
    channelSums(x, batch, channels, pixels, sums) {
      const ranges = rangesOf(channels, partsOf(batch * channels * pixels), 1)
      share(
        ranges.map(({ from, to }) =>
          call('channelSums', [x + from * pixels * 4, batch, to - from, pixels, sums + from * 4, channels]),
        ),
      )
    },

    softmaxCrossEntropy(logits, labels, rows, classes, gradient, scale, predictions) {
      let loss = 0
      for (let first = 0; first < rows; first += LOSS_ROWS) {
        const count = Math.min(LOSS_ROWS, rows - first)
        const block = [
          logits + first * classes * 4,
          labels + first * 4,
          count,
          classes,
          shift(gradient, first * classes * 4),
          scale,
          shift(predictions, first * 4),
          losses,
        ]
        const ranges = rangesOf(count, partsOf(count * classes * 10), 1)
        share(itemCalls('softmaxCrossEntropy', block, 2, ranges, { 0: classes * 4, 1: 4, 4: classes * 4, 6: 4, 7: 8 }))
        // One after another from the first row on, as one thread would.
        for (const own of new Float64Array(memory.buffer, losses, count)) loss += own
      }
      return loss
    },
  }
  return { ...kernels, ...shared }
}

/** One call for each range of the items; arguments `strides` are addresses that move on with it. */
function itemCalls(
  kernel: SharedKernel,
  args: readonly number[],
  countAt: number,
  ranges: readonly Range[],
  strides: Readonly<Record<number, number>>,
): Call[] {
  return ranges.map(({ from, to }) => {
    const own = [...args]
    own[countAt] = to - from
    for (const [index, bytes] of Object.entries(strides)) own[+index] = shift(args[+index]!, from * bytes)
    return call(kernel, own)
  })
}

/** Gives each call scratch memory of its own: argument `index` moves on by `rooms[index]` bytes from call to call. */
function ownRooms(calls: readonly Call[], rooms: Readonly<Record<number, number>>): Call[] {
  return calls.map(({ kernel, args }, number) => {
    const own = [...args]
    for (const [index, bytes] of Object.entries(rooms)) own[+index] = args[+index]! + number * bytes
    return { kernel, args: own }
  })
}

/** One of each in turn, so that a thread's share holds some of both. */
function interleaved(first: readonly Call[], second: readonly Call[]): Call[] {
  const length = Math.max(first.length, second.length)
  return Array.from({ length }, (_, i) => [first[i], second[i]].filter(one => one !== undefined)).flat()
}

/**
 * How a product is cut: by rows or by columns, whichever packs less twice over. Parts of whole blocks of rows pack nothing
 * twice, so there may be more of them than threads.
 */
function productRanges(
  m: number,
  n: number,
  k: number,
  threads: number,
  parts: number,
): { rows: Range[]; columns: Range[] } {
  const whole = { from: 0, to: 1 }
  const byRows = m * k + n * k * threads * Math.ceil(m / threads / BLOCK)
  const byColumns = m * k * threads + n * k * Math.ceil(m / BLOCK)
  if (byRows <= byColumns) {
    const count = m >= parts * BLOCK ? parts : threads
    return { rows: rangesOf(m, count, 4), columns: [{ ...whole, to: n }] }
  }
  return { rows: [{ ...whole, to: m }], columns: rangesOf(n, threads, LINE) }
}
