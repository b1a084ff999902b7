import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commitCodec } from '@hydraai/consensus'
import { CounterRandom, concatBytes, encode, HydraError, taggedHash } from '@hydraai/core'
import { blockCodec, genesisCodec } from '@hydraai/ledger'
import { Chain, DataFolder } from '@hydraai/node'
import { memoryStorage, openDiskStorage, SimulatedDisk } from '@hydraai/storage'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainIntake } from '../src/chainFile/chainIntake.ts'
import { entry, header } from '../src/chainFile/format.ts'
import { readChainFile } from '../src/chainFile/readChainFile.ts'
import { folderWithChain, type SmallChain, smallChain } from './chain.ts'
import { hydraNode, startNode, temporaryFolder } from './hydraNode.ts'

const home = temporaryFolder()
const at = (...path: string[]) => join(home.path, ...path)
const env = { HYDRA_HOME: home.path }
afterAll(() => home.remove())

function fileOf({ genesis, blocks }: SmallChain, change = (_height: number, entry: Entry) => entry): Uint8Array {
  const entries = blocks.map(({ block, commit }, i) => {
    const bytes = { block: encode(blockCodec, block), commit: encode(commitCodec, commit) }
    const changed = change(i + 1, bytes)
    return entry(i + 1, changed.block, changed.commit)
  })
  return concatBytes(header(encode(genesisCodec, genesis), blocks.length), ...entries)
}

interface Entry {
  readonly block: Uint8Array
  readonly commit: Uint8Array
}

const LONG = 800
const long = smallChain(LONG)
beforeAll(() => writeFileSync(at('long.dat'), fileOf(long)))

test('a bit that somebody changed, checksums and all, is found at its height, and all before it is kept', async () => {
  const chain = smallChain(40)
  await fc.assert(
    fc.asyncProperty(fc.nat(39), fc.boolean(), fc.nat(), fc.nat(7), async (index, inCommit, where, bit) => {
      const flip = (bytes: Uint8Array) => {
        const copy = new Uint8Array(bytes)
        copy[where % copy.length]! ^= 1 << bit
        return copy
      }
      const bytes = fileOf(chain, (height, { block, commit }) => {
        if (height !== index + 1) return { block, commit }
        return inCommit ? { block, commit: flip(commit) } : { block: flip(block), commit }
      })
      writeFileSync(at('altered.dat'), bytes)
      const storage = memoryStorage(new SimulatedDisk({ random: new CounterRandom(taggedHash('test/chain-file/1')) }))
      const target = await Chain.open({ genesis: chain.genesis, storage })
      const error = await takeIn(target, at('altered.dat')).then(
        () => null,
        error => error,
      )
      expect(error).toBeInstanceOf(HydraError)
      expect(error).toMatchObject({ code: 'CHAIN_FILE_DAMAGED', details: { height: index + 1 } })
      expect(target.height).toBe(index)
    }),
    { numRuns: 40 },
  )
}, 30_000)

async function takeIn(chain: Chain, file: string): Promise<void> {
  const source = await readChainFile(file)
  // Without threads: starting them takes longer than all the rest. The ledger checks what nobody has checked for it.
  const noThreads = { check: async (claims: readonly unknown[]) => claims.map(() => null), close: async () => {} }
  const intake = new ChainIntake(chain, file, noThreads)
  try {
    for await (const read of source.blocks()) await intake.add(read)
  } finally {
    source.close()
    await intake.finish()
  }
}

/** Ends the import as soon as something of it is on disk, and some more after `ms`. */
async function cutOff(user: string, signal: 'SIGINT' | 'SIGKILL', ms: number) {
  const running = startNode(['--user', user, '--import-chain', at('long.dat')], env)
  while (!existsSync(at(user, 'genesis.json')) && running.child.exitCode === null) await sleep(5)
  await sleep(ms)
  running.child.kill(signal)
  return running.ended
}

async function heightOf(user: string): Promise<number> {
  const folder = new DataFolder(at(user))
  const storage = await openDiskStorage(folder.storeFolder)
  try {
    return (await Chain.open({ genesis: long.genesis, storage })).height
  } finally {
    await storage.close()
  }
}

test('an import that is killed, again and again, goes on from what it had; so does one that Ctrl-C ended', async () => {
  let had = 0
  for (const ms of [0, 30]) {
    await cutOff('killed', 'SIGKILL', ms)
    const height = await heightOf('killed')
    expect(height).toBeGreaterThanOrEqual(had)
    had = height
  }
  expect(had).toBeGreaterThan(0)
  const stopped = await cutOff('stopped', 'SIGINT', 0)
  // Unless it was done before the signal came.
  if (stopped.code !== 0) {
    expect(stopped).toMatchObject({ code: 130, stderr: expect.stringMatching(/stopped after block \d+ of 800/) })
    expect(stopped.stderr).toContain('The same command goes on from there.')
    expect(await heightOf('stopped')).toBe(Number(/after block (\d+)/.exec(stopped.stderr)?.[1]))
  }
  const rest = await hydraNode(['--user', 'killed', '--import-chain', at('long.dat'), '--json'], env)
  expect(JSON.parse(rest.stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'imported', height: LONG })
  const doctor = await hydraNode(['doctor', '--user', 'killed'], env)
  expect(doctor.stdout).toContain('800 blocks, 1 to 800')
}, 60_000)

test('an export that is killed leaves no file under the final name, and the same command makes it whole', async () => {
  await folderWithChain(at('source'), long)
  const file = at('exported.dat')
  const running = startNode(['--user', 'source', '--export-chain', file], env)
  while (!existsSync(`${file}.partial`) && running.child.exitCode === null) await sleep(1)
  running.child.kill('SIGKILL')
  await running.ended
  if (existsSync(file)) expect(statSync(file).size).toBe(statSync(at('long.dat')).size)
  else {
    const again = await hydraNode(['--user', 'source', '--export-chain', file], env)
    expect(again).toMatchObject({ code: 0 })
  }
  expect(readFileSync(file).equals(readFileSync(at('long.dat')))).toBe(true)
  expect(readdirSync(home.path).filter(name => name.endsWith('.partial'))).toEqual([])
}, 60_000)

test('a node that began at a snapshot cannot export, and says who can', async () => {
  const folder = await folderWithChain(at('pruned'), smallChain(20))
  const storage = await openDiskStorage(folder.storeFolder)
  await (await Chain.open({ genesis: smallChain(0).genesis, storage })).prune(11, 100)
  await storage.close()
  const refused = await hydraNode(['--user', 'pruned', '--export-chain', at('pruned.dat')], env)
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('from 11 on') })
  expect(refused.stderr).toContain('--archive')
  expect(existsSync(at('pruned.dat.partial'))).toBe(false)
})
