import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkTree, type Finding } from './architecture/checkTree.ts'
import { ALLOWANCES, FLOORS, PURE_PACKAGES } from './architecture/rules.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'architecture-'))
  write('package.json', JSON.stringify({ devDependencies: { vitest: '5', 'fast-check': '4' } }))
  for (const name of Object.keys(FLOORS)) {
    const hydra = ['core', 'engine', 'consensus', 'ledger', 'node', 'storage'].filter(other => other !== name)
    const dependencies = Object.fromEntries(hydra.map(other => [`@hydraai/${other}`, '0.1.0']))
    const manifest = { exports: { '.': './src/index.ts', './engine.wasm': './engine.wasm' }, dependencies }
    write(`packages/${name}/package.json`, JSON.stringify(manifest))
    write(`packages/${name}/src/index.ts`, 'export const one = 1\n')
  }
})

afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** The rules that the tree breaks once the file is in it. */
function rulesOf(path: string, text: string): string[] {
  write(path, text)
  return checkTree(root, []).map(finding => finding.rule)
}

const LEDGER = 'packages/ledger/src/x.ts'

test('a tree that keeps the rules has no findings', () => {
  write(LEDGER, "import { verifyCommit } from '@hydraai/consensus'\nexport const a = verifyCommit(Math.floor(1.5))\n")
  write('packages/engine/src/x.ts', "import type { Hash } from '@hydraai/core'\nexport type A = Hash\n")
  write(
    'packages/node/src/x.ts',
    "import { readFile } from 'node:fs/promises'\nawait readFile('x')\nsetTimeout(() => {}, 1)\n",
  )
  write('packages/core/src/x.test.ts', "import { test } from 'vitest'\ntest('x', async () => { Math.random() })\n")
  write('packages/core/src/y.ts', 'type T = { Date: string; sort(): void }\nexport const now = (t: T) => t.Date\n')
  expect(checkTree(root, [])).toEqual([])
})

describe('which package may import which', () => {
  test.each([
    ['a higher floor', 'packages/core/src/x.ts', "import '@hydraai/storage'", ['floor']],
    ['the same floor', 'packages/consensus/src/x.ts', "import type { A } from '@hydraai/ledger'", ['floor']],
    ['the same floor, in a test', 'packages/consensus/src/x.test.ts', "import '@hydraai/ledger'", ['floor']],
    ['by a re-export', 'packages/consensus/src/x.ts', "export * from '@hydraai/ledger'", ['floor']],
    ['by an imported type', 'packages/consensus/src/x.ts', "export type A = import('@hydraai/ledger').A", ['floor']],
    ['an undeclared package', 'packages/node/src/x.ts', "import 'left-pad/lib/x'", ['undeclared']],
    ['an undeclared package of the house', 'packages/cli/src/x.ts', "import '@hydraai/network'", ['undeclared']],
    ['a test tool outside a test', 'packages/node/src/x.ts', "import 'vitest'", ['undeclared']],
    ['past the exports', LEDGER, "import '@hydraai/core/src/hash.ts'", ['deep-import']],
    ['into another folder', LEDGER, "import '../../core/src/hash.ts'", ['deep-import']],
    ['itself by name', LEDGER, "import '@hydraai/ledger'", ['deep-import']],
    ["a test's helper", LEDGER, "import './testing/world.ts'", ['test-import']],
    ['a computed module', 'packages/node/src/x.ts', 'export const load = (x: string) => import(x)', ['import']],
  ])('%s', (_, path, text, rules) => {
    expect(rulesOf(path, text)).toEqual(rules)
  })

  test('what is exported under a subpath may be imported', () => {
    expect(rulesOf('packages/node/src/x.ts', "import '@hydraai/engine/engine.wasm'")).toEqual([])
  })
})

describe('what a pure package may not do', () => {
  test.each([
    ['node-import', "import 'node:fs'"],
    ['node-import', "import { readFileSync } from 'fs'"],
    ['clock', 'export const a = Date.now()'],
    ['clock', 'export const a = new Date()'],
    ['clock', 'export const a = performance.now()'],
    ['timer', 'setTimeout(() => {}, 1)'],
    ['timer', 'queueMicrotask(() => {})'],
    ['random', 'export const a = Math.random()'],
    ['random', "export const a = Math['random']()"],
    ['random', 'crypto.getRandomValues(new Uint8Array(1))'],
    ['async', 'export async function a() {}'],
    ['async', 'export const a = async () => 1'],
    ['async', 'await null'],
    ['async', 'export const a = { async b() {} }'],
    ['async', 'export const a = Promise.resolve(1)'],
    ['async', "export const a = () => import('@hydraai/core')"],
    ['power', 'export const a = (x: number) => x ** 2'],
    ['power', 'export let a = 2\na **= 2'],
    ['math', 'export const a = Math.exp(1)'],
    ['math', 'export const a = Math.hypot(3, 4)'],
    ['math', 'export const { exp } = Math'],
    ['math', "export const a = (name: 'exp') => Math[name](1)"],
    ['sort', 'export const a = [3, 20].sort()'],
    ['sort', 'export const a = [3, 20].toSorted()'],
    ['locale', 'export const a = (1).toLocaleString()'],
    ['locale', "export const a = 'a'.localeCompare('b')"],
    ['locale', 'export const a = new Intl.NumberFormat()'],
    ['platform', 'export const a = process.env'],
    ['platform', "export const a = globalThis['Date']"],
    ['io', "console.log('x')"],
    ['io', "fetch('http://localhost')"],
    ['collector', 'export const a = new WeakRef({})'],
  ])('%s: %s', (rule, text) => {
    expect(rulesOf(LEDGER, text)).toEqual([rule])
    rmSync(join(root, LEDGER))
    expect(rulesOf('packages/ledger/src/x.test.ts', text).filter(found => found === rule)).toEqual([])
  })

  test.each([...PURE_PACKAGES])('%s is held to it', name => {
    expect(rulesOf(`packages/${name}/src/deep/x.ts`, 'export const a = Math.log(1)')).toEqual(['math'])
  })

  test('a folder that starts threads need not be pure, but nothing pure may import from it', () => {
    const [folder, text] = ['packages/engine/src/threads/host', "import 'node:worker_threads'\nawait null"]
    expect(rulesOf(`${folder}/x.ts`, text)).toEqual([])
    expect(rulesOf('packages/engine/src/threads/y.ts', "import './host/x.ts'")).toEqual(['impure-import'])
    rmSync(join(root, 'packages/engine/src/threads/y.ts'))
    expect(rulesOf(`${folder}/y.test.ts`, "import './x.ts'")).toEqual([])
    const manifest = { exports: { '.': './src/index.ts', './threads/node': './src/threads/host/x.ts' } }
    write('packages/engine/package.json', JSON.stringify(manifest))
    expect(rulesOf('packages/node/src/x.ts', "import '@hydraai/engine/threads/node'")).toEqual([])
    expect(rulesOf(LEDGER, "import '@hydraai/engine/threads/node'")).toEqual(['impure-import'])
  })

  test('a power of bigints is exact', () => {
    expect(rulesOf(LEDGER, 'export const a = (x: bigint) => 2n ** x')).toEqual([])
  })

  test('a name that the file declares itself is no global', () => {
    expect(rulesOf(LEDGER, 'export const a = (document: { name: string }) => document.name')).toEqual([])
    expect(rulesOf(LEDGER, 'export const a = ({ self }: { self: number }) => self')).toEqual([])
  })
})

test('a file that cannot be parsed is a finding', () => {
  expect(rulesOf(LEDGER, 'export const = 1')).toEqual(['syntax'])
})

test('an allowance holds for its construct in its file only, and has to be needed', () => {
  const allowance = { file: LEDGER, rule: 'async', text: 'await ready', reason: 'a test' }
  write(LEDGER, 'const ready = 1\nawait ready\nawait 2\n')
  expect(checkTree(root, [allowance])).toMatchObject([{ line: 3, rule: 'async' }] satisfies Partial<Finding>[])
  write(LEDGER, 'export const a = 1\n')
  expect(checkTree(root, [allowance])).toMatchObject([{ file: LEDGER, rule: 'stale-allowance' }])
})

test('every allowance of this repository gives a reason', () => {
  for (const { reason } of ALLOWANCES) expect(reason.length).toBeGreaterThan(20)
})

test('the command prints file:line rule: sentence and fails', () => {
  write(LEDGER, '\nexport const a = Math.exp(1)\n')
  const script = join(import.meta.dirname, 'lint-architecture.ts')
  const failing = spawnSync(process.execPath, [script, root], { encoding: 'utf8' })
  expect(failing.stdout).toMatch(/^packages\/ledger\/src\/x\.ts:2 math: .+$/m)
  expect(failing.status).toBe(1)
  rmSync(join(root, LEDGER))
  write('packages/core/src/sodium.ts', "import { sodium } from './x.ts'\nawait sodium.ready\n")
  expect(execFileSync(process.execPath, [script, root], { encoding: 'utf8' })).toBe('')
})
