import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hydraNode, temporaryFolder } from './hydraNode.ts'

const home = temporaryFolder()
const env = { HYDRA_HOME: home.path }
afterAll(() => home.remove())

describe('a flag that cannot be is a clear error, exit code 2, and nothing is done', () => {
  test.each([
    [['--frobnicate'], 'unknown option'],
    [['frobnicate'], 'is no command'],
    [['--port', '70000'], 'a port'],
    [['--port', '0x10'], 'a port'],
    [['--public-ip', 'home'], 'an IP address'],
    [['--user', '../up'], 'a name'],
    [['--peer', '/ip4/1.2.3.4/udp/9'], 'a peer such as'],
    [['--log-level', 'loud'], 'Allowed choices'],
    [['--create-wallet', '--restore-wallet'], 'cannot be used with'],
    [['--export-chain', 'a', '--import-chain', 'b'], 'cannot be used with'],
    [['--genesis', 'g.json', '--found'], 'cannot be used with'],
    [['--block-interval', '500'], 'Only the founder'],
    [['--json', 'devnet'], 'before devnet'],
    [['devnet', '--nodes', '0'], 'a number of nodes'],
    [['devnet', '--nodes', '13'], 'at most 12 nodes'],
    [['devnet', '--until', 'accuracy=97'], 'is no goal'],
    [['devnet', '--until', 'loss=0.1'], 'is no goal'],
    [['devnet', '--models', 'nobody'], 'no model that a network can begin with'],
    [['devnet', '--models', 'hydra-gpt,hydra-gpt:untrained'], 'named twice'],
    [['--models', 'mnist-cnn', '--user', 'x'], 'Only the founder'],
    [['--threads', '0'], 'a number of threads'],
    [['--archive', '--keep-blocks', '5000'], 'cannot be used with'],
    [['--archive', '--sync', 'snapshot'], 'never has the blocks before it'],
    [['--keep-blocks', '0'], 'a number of blocks'],
    [['--sync', 'fast'], 'Allowed choices'],
    [['--trust', '12'], 'HEIGHT:HASH'],
    [['stake'], 'missing required argument'],
    [['stake', '0'], 'an amount of HYDRA'],
    [['unstake', '1e3'], 'amount'],
    [['--json', 'doctor'], 'before doctor'],
    [['--json', 'updates'], 'before updates'],
    [['updates', '--limit', '0'], 'how many to show'],
    [['updates', '--model', '../up'], 'not the name of a model'],
    [['disputes', '--model', 'm'], 'unknown option'],
    [['doctor', '--deep'], 'unknown option'],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await hydraNode(args, env)
    expect(stderr).toContain(says)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

test('--help names every group, the exit codes and examples; --version is the release', async () => {
  const help = await hydraNode(['--help'], env)
  expect(help.code).toBe(0)
  for (const part of ['The node:', 'Joining a network:', 'The wallet:', 'The chain:', 'Examples:', 'Exit codes: 0 ok'])
    expect(help.stdout).toContain(part)
  const version = await hydraNode(['--version'], env)
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('a node without a wallet and without a terminal says how to make one', async () => {
  const { code, stderr } = await hydraNode(['--no-local-discovery'], { ...env, HYDRA_PASSWORD: 'x' })
  expect(stderr).toContain('--create-wallet')
  expect(code).toBe(2)
})

test('a damaged bootstrap list, genesis or chain file is named with what to do', async () => {
  const file = join(home.path, 'damaged')
  writeFileSync(file, 'HYDRACHN\0\0\0\x01')
  const chain = await hydraNode(['--import-chain', file], env)
  expect(chain).toMatchObject({ code: 1, stderr: expect.stringContaining('format version 1, not 3') })
  writeFileSync(file, 'something else')
  const other = await hydraNode(['--import-chain', file], env)
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a chain that was exported') })
  rmSync(file)
  const missing = await hydraNode(['--import-chain', file], env)
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('is not there') })
  const none = await hydraNode(['--export-chain', file], env)
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no chain') })
})
