import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execute } from './engine/execute.ts'
import { instrument } from './engine/instrument.ts'
import { Random } from './engine/random.ts'
import type { Target } from './engine/target.ts'
import { mutateTree } from './engine/trees.ts'
import { targetNamed, targetsOf } from './targets/index.ts'
import { GROUPS, type Group, TARGET_NAMES } from './targets/names.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const FINDINGS = new URL('./findings/', import.meta.url)
/** Long enough to reach most branches that mutation reaches at all; the nightly campaign goes on from there. */
const RUNS = 300

let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hydra-fuzz-test-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

function fuzz(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--findings', join(scratch, 'findings')])
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  child.stderr.on('data', chunk => (output += chunk))
  return new Promise(resolve => child.on('close', code => resolve({ code, output })))
}

describe('what a stranger can send', () => {
  it('has every target under its name', async () => {
    for (const group of Object.keys(GROUPS) as Group[])
      expect((await targetsOf(group)).map(target => target.name)).toEqual(GROUPS[group])
  })

  it('is taken where it is what the product itself writes', async () => {
    for (const name of TARGET_NAMES) {
      const target = await targetNamed(name)
      const outcomes = await Promise.all(target.seeds.map(seed => execute(target, seed)))
      expect(outcomes, name).toContainEqual({ accepted: true })
    }
  })

  it('does no harm that it once did: every input that was found is run again', async () => {
    const known = readdirSync(FINDINGS, { withFileTypes: true }).filter(entry => entry.isDirectory())
    for (const { name } of known) {
      const target = await targetNamed(name)
      for (const file of readdirSync(new URL(`${name}/`, FINDINGS)))
        expect(
          await execute(target, readFileSync(new URL(`${name}/${file}`, FINDINGS))),
          `${name}/${file}`,
        ).toHaveProperty('accepted')
    }
  })

  it('breaks nothing in a short campaign on every target', { timeout: 240_000 }, async () => {
    const { code, output } = await fuzz('--all', '--json', '--seconds', '20', '--runs', String(RUNS))
    const results = output
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(results.map(result => result.target)).toEqual(TARGET_NAMES)
    expect(results.flatMap(result => result.findings)).toEqual([])
    for (const { target, branches } of results) expect(branches, target).toBeGreaterThan(5)
    expect(code).toBe(0)
  })
})

describe('the fuzzer', () => {
  const target = (run: Target['run']): Target => ({ name: 'test', format: 'bytes', seeds: [], run })

  it('calls a crash a finding, and a refusal none', async () => {
    expect(
      await execute(
        target(() => false),
        Uint8Array.of(1),
      ),
    ).toEqual({ accepted: false })
    const crash = target(() => {
      throw new TypeError('x is undefined')
    })
    expect(await execute(crash, Uint8Array.of(1))).toMatchObject({ finding: { message: 'TypeError: x is undefined' } })
  })

  it('notices a target that changes what it was given', async () => {
    const writes = target(input => input.fill(9) === input)
    expect(await execute(writes, Uint8Array.of(1, 2))).toMatchObject({
      finding: { message: 'Broken: it changed its input' },
    })
  })

  it('finds what stands behind four bytes in a row, by the branches on the way', { timeout: 60_000 }, async () => {
    const { code, output } = await fuzz(
      '--target',
      'trap',
      '--runs',
      '500000',
      '--seconds',
      '40',
      '--seed',
      '2',
      '--json',
    )
    expect(JSON.parse(output).findings).toMatchObject([{ message: 'Error: found' }])
    expect(code).toBe(1)
  })

  it('does the same again with the same seed', { timeout: 60_000 }, async () => {
    const args = ['--target', 'frame', '--runs', '300', '--seed', '5', '--json']
    const [one, other] = [await fuzz(...args), await fuzz(...args)]
    const what = ({ output }: { output: string }) => ({ ...JSON.parse(output), seconds: 0 })
    expect(what(one)).toEqual(what(other))
  })

  it('counts branches without changing what a program does', () => {
    const code = `export const f = (a, b) => { let s = ''
      if (a) s += a && b
      else for (const c of [1, 0]) s += c ? 'x' : 'y'
      switch (b) { case 1: s += 'one'; break; default: s += b ?? 'none' }
      return s }`
    let count = 0
    const hits = new Uint8Array(64)
    const instrumented = instrument(code, () => count++, { words: new Set(), numbers: new Set() }).replace(
      'export const f =',
      'return',
    )
    const f = new Function('$fuzzHits', instrumented)(hits) as (a: unknown, b: unknown) => string
    const plain = new Function(code.replace('export const f =', 'return'))() as typeof f
    for (const [a, b] of [
      [0, 1],
      [1, 1],
      [true, null],
      ['', undefined],
    ])
      expect(f(a, b)).toBe(plain(a, b))
    expect(count).toBeGreaterThan(8)
    expect(hits.subarray(0, count).every(hit => hit > 0)).toBe(true)
  })

  it('changes values so that the parser still takes them', () => {
    const random = new Random(1)
    const input = new TextEncoder().encode(JSON.stringify({ a: [1, 2, { b: 'text' }], c: null }))
    const changed = Array.from({ length: 200 }, () =>
      mutateTree('json', input, input, { words: ['word'], numbers: [7] }, random),
    ).flatMap(bytes => bytes ?? [])
    for (const bytes of changed) expect(() => JSON.parse(new TextDecoder().decode(bytes))).not.toThrow()
    expect(new Set(changed.map(bytes => new TextDecoder().decode(bytes))).size).toBeGreaterThan(60)
  })

  it('says what is wrong with its arguments', async () => {
    expect(await fuzz('--target', 'nothing')).toMatchObject({
      code: 2,
      output: expect.stringContaining('no target "nothing"'),
    })
    expect(await fuzz('--seconds', 'x', '--all')).toMatchObject({ code: 2 })
    expect((await fuzz('--help')).output).toContain(TARGET_NAMES.join(', '))
  })
})
