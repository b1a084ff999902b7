import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CLOSINGS = 12
const MODULE = fileURLToPath(new URL('./workers.ts', import.meta.url))
const PROGRAM = `
  const { WorkerCompute } = await import(${JSON.stringify(MODULE)})
  for (let i = 0; i < ${CLOSINGS}; i++) {
    const compute = new WorkerCompute()
    await new Promise(resolve => setTimeout(resolve, 20 * i))
    await compute.close()
    await compute.train({}).catch(({ code }) => console.log(code))
  }
`

// In a process of its own: what goes wrong here takes the whole process with it.
test('threads can be closed at any moment of their start, and refuse jobs from then on', () => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
  expect(stdout.trim().split('\n')).toEqual(Array.from({ length: CLOSINGS }, () => 'COMPUTE_CLOSED'))
}, 90_000)
