import { expect, test } from 'vitest'
import { openEngine, readWasm } from '../../test/support.ts'
import { createOpenEngine } from '../engine.ts'
import { sharedMemory } from '../wasm.ts'
import { Board } from './board.ts'
import type { Crew } from './crew.ts'

/** A crew whose helpers never come: the calling thread runs every part itself. */
function absentCrew(size: number, sleep: Crew['sleep'] = () => {}): Crew & { failure: string | null } {
  return { size, memory: sharedMemory(512), board: Board.buffer(), failure: null, sleep }
}

const code = (code: string): unknown => expect.objectContaining({ code })

test('a job is done though no helper comes', () => {
  const { kernels, allocator, memory } = createOpenEngine(readWasm(), { crew: absentCrew(3), grain: 1 })
  const { address } = allocator.allocate(400)
  new Float32Array(memory.buffer, address, 100).fill(2)
  kernels.add(address, address, address, 100)
  expect([...new Float32Array(memory.buffer, address, 100)]).toEqual(new Array(100).fill(4))
})

test('calls that helpers do not end are given up after a bounded wait, and the crew for good', () => {
  let sleeps = 0
  const crew = absentCrew(2, () => {
    if (++sleeps > 500) throw new Error('still waiting')
  })
  const { kernels, allocator } = createOpenEngine(readWasm(), { crew, grain: 1, helpersOnly: true })
  const { address } = allocator.allocate(400)
  expect(() => kernels.add(address, address, address, 100)).toThrow(code('ENGINE_THREADS'))
  expect(sleeps).toBeLessThan(100)
  expect(() => kernels.add(address, address, address, 100)).toThrow(/did not answer/)
})

test('a lost helper is an error at the next call, with advice', () => {
  const crew = absentCrew(2)
  const { kernels, allocator } = createOpenEngine(readWasm(), { crew, grain: 1 })
  const { address } = allocator.allocate(400)
  crew.failure = 'it was terminated'
  expect(() => kernels.add(address, address, address, 100)).toThrow(/helper thread was lost: it was terminated/)
})

test('a crew works for one engine, and for none after it was closed', () => {
  const crew = absentCrew(2)
  const { kernels } = createOpenEngine(readWasm(), { crew, grain: 1 })
  expect(() => createOpenEngine(readWasm(), { crew })).toThrow(/another engine/)
  new Board(crew.board).close()
  expect(() => kernels.clear(64, 100)).toThrow(/threads were closed/)
})

test('a crew does not make other bytes the engine', () => {
  const wasm = readWasm()
  wasm[wasm.length - 1]! ^= 1
  expect(() => createOpenEngine(wasm, { crew: absentCrew(2) })).toThrow(code('ENGINE_MISMATCH'))
})

test('models ask for the scratch memory of every thread before anything runs', () => {
  const document = {
    format: 'hydra-model/1' as const,
    input: [1, 8, 8],
    layers: [
      { type: 'conv2d' as const, filters: 4, kernel: 3, padding: 1 },
      { type: 'flatten' as const },
      { type: 'dense' as const, units: 2 },
    ],
    loss: 'softmax-cross-entropy' as const,
  }
  const threaded = createOpenEngine(readWasm(), { crew: absentCrew(3) })
  const bytes = threaded.bytesOf(document, 4)
  expect(bytes).toBeGreaterThan(openEngine().bytesOf(document, 4))
  threaded.compile(document, 4)
  expect(threaded.allocatedBytes).toBeGreaterThanOrEqual(bytes)
  expect(threaded.allocatedBytes).toBeLessThan(bytes + 64)
})
