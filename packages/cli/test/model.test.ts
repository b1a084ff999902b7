import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hydraNode, temporaryFolder } from './hydraNode.ts'

const home = temporaryFolder()
const env = { HYDRA_HOME: home.path }
const empty = join(home.path, 'empty')
mkdirSync(empty)
afterAll(() => home.remove())

describe('model commands that cannot be are a clear error, exit code 2', () => {
  test.each([
    [['model', 'frobnicate'], 'unknown command'],
    [['model', 'create', '--data', 'x'], '--name'],
    [['model', 'create', '--name', 'x'], '--data'],
    [['model', 'create', '--name', 'x', '--data', 'x', '--size', 'big'], 'a whole number'],
    [['model', 'create', '--name', 'x', '--data', 'x', '--fill', 'zero'], 'Allowed choices'],
    [['model', 'show'], 'missing required argument'],
    [['model', 'export', 'x'], '--out'],
    [['model', 'export', 'x', '--out', 'f', '--format', 'onnx'], 'Allowed choices'],
    [['model', 'train', '--only', 'x', '--all'], 'cannot be used with'],
    [['--json', 'model', 'list'], 'before model'],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await hydraNode(args, env)
    expect(stderr).toContain(says)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

test('without a node that runs every one says so and how to start one', async () => {
  const { code, stderr } = await hydraNode(['model', 'list', '--data-dir', empty], env)
  expect(stderr).toContain(`No node runs in ${empty}`)
  expect(code).toBe(1)
})
