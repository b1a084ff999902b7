import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const RUN = join(import.meta.dirname, '../.ci/run')

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-run-'))
  mkdirSync(join(root, '.ci'))
  mkdirSync(join(root, 'bin'))
  copyFileSync(RUN, join(root, '.ci/run'))
})

afterEach(() => rmSync(root, { recursive: true }))

interface Steps {
  install?: number
  test?: number
  check?: number
  report?: unknown
}

/** Runs `.ci/run` with an `npm` whose steps end as told; returns the exit code and the last line. */
function run({ install = 0, test = 0, check = 0, report }: Steps): [number | null, string | undefined] {
  writeFileSync(join(root, 'report.json'), JSON.stringify(report) ?? '')
  const npm = `#!/bin/sh
case "$*" in
  ci) exit ${install} ;;
  'run check:static') exit ${check} ;;
  test\\ *) for word; do case $word in --outputFile.json=*) cp report.json "\${word#*=}" ;; esac; done; exit ${test} ;;
esac
exit 99
`
  writeFileSync(join(root, 'bin/npm'), npm)
  chmodSync(join(root, 'bin/npm'), 0o755)
  const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` }
  const { status, stdout } = spawnSync('bash', [join(root, '.ci/run')], { encoding: 'utf8', cwd: tmpdir(), env })
  return [status, stdout.trimEnd().split('\n').at(-1)]
}

const reportOf = (passed: number, failed: number, testResults: unknown[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults,
})

describe.skipIf(process.platform === 'win32')('.ci/run ends with the counts and fails if anything failed', () => {
  test.each<[string, Steps, number, string]>([
    ['all well', { report: reportOf(12, 0) }, 0, '12 passed, 0 failed'],
    ['a failed test', { test: 1, report: reportOf(11, 1) }, 1, '11 passed, 1 failed'],
    [
      'a file that does not load',
      { test: 1, report: reportOf(11, 0, [{ status: 'failed', assertionResults: [] }]) },
      1,
      '11 passed, 1 failed',
    ],
    ['a failed run without a failed test', { test: 1, report: reportOf(12, 0) }, 1, '12 passed, 1 failed'],
    ['no report', { test: 1 }, 1, '0 passed, 1 failed'],
    ['a failed check', { check: 1, report: reportOf(12, 0) }, 1, '12 passed, 1 failed'],
    ['a failed installation', { install: 1 }, 1, '0 passed, 1 failed'],
  ])('%s', (_, steps, status, line) => {
    expect(run(steps)).toEqual([status, line])
  })
})
