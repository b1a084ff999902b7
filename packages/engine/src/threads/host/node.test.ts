import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Bench, labels, openEngine, readWasm, SMALL_CNN, values } from '../../../test/support.ts'
import { createOpenEngine, type OpenEngine } from '../../engine.ts'
import { createEngine, type Engine } from '../../index.ts'
import { startCrew } from './node.ts'

const code = (code: string): unknown => expect.objectContaining({ code })

/** A helper's script of which the given lines come after it has said that it is ready. */
const helperThat = (lines: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; parentPort.postMessage('ready'); ${lines}`)}`,
  )

/** The parameters after some steps, as bytes. Large enough for some kernels to be shared, small enough for others not to be. */
function trained(engine: Engine): Uint8Array {
  const batch = 32
  const size = SMALL_CNN.input.reduce((product, length) => product * length, 1)
  const model = engine.compile(SMALL_CNN, batch)
  model.initialise('ab'.repeat(32) as never)
  model.useOptimizer({ type: 'sgd', learningRate: 0.05, momentum: 0.9, nesterov: false })
  for (let step = 0; step < 5; step++) model.trainStep(values(batch * size, step), labels(batch, 10, step))
  return new Uint8Array(model.getParameters().buffer)
}

test('two threads train the same model as one', async () => {
  const crew = await startCrew(readWasm(), 2)
  const engine = createEngine(readWasm(), { crew })
  expect(engine.threads).toBe(2)
  expect(trained(engine)).toEqual(trained(createEngine(readWasm())))
  await crew!.close()
  expect(() => trained(engine)).toThrow(code('ENGINE_THREADS'))
})

test('threads that run kernels at the same time do not write into the scratch memory of one another', async () => {
  const crew = await startCrew(readWasm(), 3)
  const size = 512
  const product = (engine: OpenEngine): Uint8Array => {
    const bench = new Bench(engine)
    const [a, b] = [bench.put(values(size * size, 1)), bench.put(values(size * size, 2))]
    const c = bench.room(size * size)
    engine.kernels.matmul(a, b, c, size, size, size, 0, 0, 0, 0)
    return new Uint8Array(bench.get(c, size * size).buffer)
  }
  const expected = product(openEngine())
  const engine = createOpenEngine(readWasm(), { crew })
  for (let i = 0; i < 10; i++) expect(Buffer.compare(product(engine), expected)).toBe(0)
  await crew!.close()
})

test('one thread needs no crew', async () => {
  expect(await startCrew(readWasm(), 1)).toBeNull()
  expect(createEngine(readWasm(), { crew: null }).threads).toBe(1)
})

test.each([0, 1.5, -1, 33, Number.NaN])('%d threads are refused', async threads => {
  await expect(startCrew(readWasm(), threads)).rejects.toEqual(code('ENGINE_THREADS'))
})

test('a helper that does not start is an error', async () => {
  const helper = new URL('data:text/javascript,throw new Error("no such script")')
  await expect(startCrew(readWasm(), 2, { helper })).rejects.toThrow(/did not start: no such script/)
  await expect(startCrew(readWasm(), 3, { helper: new URL('ftp://localhost/') })).rejects.toEqual(
    code('ENGINE_THREADS'),
  )
})

test('a helper that ends before its time is an error at the next step', async () => {
  const crew = await startCrew(readWasm(), 2, { helper: helperThat('') })
  await expect.poll(() => crew!.failure).toMatch(/terminated/)
  expect(() => trained(createEngine(readWasm(), { crew }))).toThrow(/helper thread was lost/)
  await crew!.close()
})

test('a kernel that fails on a helper is an error at once, and not a wait', async () => {
  // Takes the last call of the first job and fails in it, as `serve` does.
  const crew = await startCrew(readWasm(), 2, {
    helper: helperThat(`
      const { Board } = await import(${JSON.stringify(new URL('../board.ts', import.meta.url).href)})
      const { workerData } = await import('node:worker_threads')
      const fail = () => { throw new Error('a trap') }
      new Board(workerData.board).serve(new Array(64).fill(fail), 1, 2, (words, at, value) => void Atomics.wait(words, at, value))`),
  })
  const engine = createEngine(readWasm(), { crew })
  expect(() => {
    for (let i = 0; i < 1000; i++) trained(engine)
  }).toThrow(code('ENGINE_THREADS'))
  await expect.poll(() => crew!.failure).toBe('a trap')
  await crew!.close()
})

/** Runs a script in a process of its own: what it printed, once it has ended by itself. */
async function run(lines: string): Promise<string> {
  const script = `import { readFileSync, readdirSync } from 'node:fs'
    import { createEngine } from ${JSON.stringify(new URL('../../index.ts', import.meta.url).href)}
    import { startCrew } from ${JSON.stringify(new URL('./node.ts', import.meta.url).href)}
    const wasm = new Uint8Array(readFileSync(${JSON.stringify(fileURLToPath(new URL('../../../build/engine.wasm', import.meta.url)))}))
    ${lines}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
  })
  return stdout.trim()
}

test('a process whose crew was not closed ends all the same', async () => {
  expect(await run("const crew = await startCrew(wasm, 3); createEngine(wasm, { crew }); console.log('done')")).toBe(
    'done',
  )
})

test.skipIf(!existsSync('/proc/self/task'))(
  'no thread is left after close (skipped where threads cannot be counted)',
  async () => {
    const [before, during, after] = JSON.parse(
      await run(`
      const threads = () => readdirSync('/proc/self/task').length
      const once = await startCrew(wasm, 2)
      await once.close()
      const before = threads()
      const crew = await startCrew(wasm, 3)
      const during = threads()
      await crew.close()
      console.log(JSON.stringify([before, during, threads()]))`),
    ) as [number, number, number]
    expect(during).toBeGreaterThanOrEqual(before + 2)
    expect(after).toBe(before)
  },
)
