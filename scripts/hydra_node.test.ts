import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const LAUNCHER = join(import.meta.dirname, '../hydra_node')

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'hydra launcher-')))
  copyFileSync(LAUNCHER, join(root, 'hydra_node'))
})

afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), 0o755)
}

function launch(command: string, ...words: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', cwd: tmpdir() })
  return { status, signal, stdout, stderr }
}

describe.skipIf(process.platform === 'win32')('the launcher', () => {
  test('says what to run when nothing is installed', () => {
    const { status, stdout, stderr } = launch(join(root, 'hydra_node'), '--help')
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(`hydra_node: not installed yet. Run \`npm ci\` in ${root} first.\n`)
  })

  test.each(['v20.20.2', 'v23.9.0', 'nonsense'])('refuses a Node that says it is %s', version => {
    write('node_modules/.bin/node', `#!/bin/sh\necho ${version}\n`)
    const { status, stderr } = launch(join(root, 'hydra_node'))
    expect(status).toBe(1)
    expect(stderr).toContain(`needs Node 24 or later`)
    expect(stderr).toContain(version)
  })

  test('runs the program with its words, by way of links too, and hands on its exit code', () => {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'))
    write('packages/cli/src/main.ts', 'console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exitCode = 3\n')
    mkdirSync(join(root, 'bin'))
    symlinkSync('../hydra_node', join(root, 'bin/one'))
    symlinkSync(join(root, 'bin/one'), join(root, 'bin/two'))
    for (const command of ['hydra_node', 'bin/one', 'bin/two']) {
      const words = ['--user', 'a b', '', '*']
      expect(launch(join(root, command), ...words)).toMatchObject({ status: 3, stdout: `${JSON.stringify(words)}\n` })
    }
  })

  test('a signal reaches the program itself', () => {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'))
    write('packages/cli/src/main.ts', "process.kill(process.pid, 'SIGTERM')\nsetTimeout(() => {}, 10_000)\n")
    expect(launch(join(root, 'hydra_node'))).toMatchObject({ status: null, signal: 'SIGTERM' })
  })
})
