import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bench, openEngine, readWasm, values } from '../../test/support.ts'
import { createOpenEngine } from '../engine.ts'
import type { Kernels } from '../wasm.ts'
import { sharedMemory } from '../wasm.ts'
import { Board } from './board.ts'

/** Cut for `threads` threads, but run by this one: which thread runs a part changes nothing, where it is cut might. */
const cutFor = (threads: number): Bench =>
  new Bench(
    createOpenEngine(readWasm(), {
      crew: { size: threads, memory: sharedMemory(2048), board: Board.buffer(), failure: null, sleep: () => {} },
      grain: 1,
    }),
  )
const whole = new Bench(openEngine())
const cut = [2, 3, 7].map(cutFor)

/** What a kernel writes to `outputs`, whole and cut, from the same inputs. */
function expectSame(run: (kernels: Kernels, bench: Bench) => { address: number; count: number }[]): void {
  const words = (bench: Bench): Uint32Array[] =>
    run(bench.engine.kernels, bench).map(({ address, count }) => new Uint32Array(bench.get(address, count).buffer))
  const expected = words(whole)
  for (const bench of cut) expect(words(bench)).toEqual(expected)
}

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
const flag = fc.integer({ min: 0, max: 1 })

test('a product of any shape is the same whole and cut', () => {
  fc.assert(
    fc.property(size(300), size(90), size(40), flag, flag, fc.integer({ min: 0, max: 3 }), (m, n, k, tA, tB, start) =>
      expectSame((kernels, bench) => {
        const [a, b, bias] = [bench.put(values(m * k, 1)), bench.put(values(k * n, 2)), bench.put(values(m + n, 3))]
        const c = bench.put(values(m * n, 4))
        kernels.matmul(a, b, c, m, n, k, tA, tB, start, bias)
        return [{ address: c, count: m * n }]
      }),
    ),
    { numRuns: 40 },
  )
})

test('layer norm and its gradients are the same, also where the gradient of the input takes the place of that of the output', () => {
  fc.assert(
    fc.property(size(40), size(70), flag, fc.boolean(), (rows, width, accumulate, inPlace) =>
      expectSame((kernels, bench) => {
        const count = rows * width
        const [x, dy, gain] = [bench.put(values(count, 1)), bench.put(values(count, 2)), bench.put(values(width, 3))]
        const [y, stats, dgain, doffset] = [count, rows * 2, width, width].map(n => bench.room(n)) as [
          number,
          number,
          number,
          number,
        ]
        const dx = inPlace ? dy : bench.put(values(count, 4))
        kernels.layerNorm(x, y, gain, gain, stats, rows, width, 1e-5)
        kernels.layerNormBackward(x, stats, gain, dy, dx, dgain, doffset, rows, width, inPlace ? 0 : accumulate)
        return [
          ...[y, dx].map(address => ({ address, count })),
          ...[dgain, doffset].map(address => ({ address, count: width })),
        ]
      }),
    ),
    { numRuns: 30 },
  )
})

test('the loss of more rows than are added up at once is the same', () => {
  const [rows, classes] = [9000, 3]
  const losses = [whole, ...cut].map(bench => {
    const labels = bench.put(Int32Array.from({ length: rows }, (_, i) => (i % 5) - 1).map(label => Math.min(label, 2)))
    return bench.engine.kernels.softmaxCrossEntropy(
      bench.put(values(rows * classes, 1)),
      labels,
      rows,
      classes,
      0,
      0,
      0,
    )
  })
  expect(new Set(losses).size).toBe(1)
  expect(losses[0]).toBeGreaterThan(0)
})
