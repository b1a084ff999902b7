import { appendFileSync, chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode, fromHex, keyPairOfEntropy, type Signature, sealWallet } from '@hydraai/core'
import { genesisToJson } from '@hydraai/ledger'
import { DataFolder, logRecordCodec } from '@hydraai/node'
import { BlobStore, openDiskStorage, SignerStore, type Storage } from '@hydraai/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../src/doctor/examine.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { folderWithChain, smallChain } from './chain.ts'
import { hydraNode, temporaryFolder } from './hydraNode.ts'

const home = temporaryFolder()
const chain = smallChain(12)
const well = join(home.path, 'well')
const path = join(home.path, 'node')
const content = new Uint8Array(3_000_000).fill(9)
afterAll(() => home.remove())

beforeAll(async () => {
  const folder = await folderWithChain(well, chain)
  await folder.peerKey()
  const entropy = new Uint8Array(32).fill(1)
  const cost = { memoryBytes: 8 * 1024 * 1024, passes: 1 }
  const [salt, nonce] = [new Uint8Array(16), new Uint8Array(24)]
  const wallet = sealWallet({ entropy, name: 'alice', password: 'correct horse', salt, nonce, cost })
  writeFileSync(folder.walletFile, wallet, { mode: 0o600 })
  expect(keyPairOfEntropy(entropy).address).toMatch(/^0x/)
  await change(well, async storage => {
    await new BlobStore(storage.db).put(content)
    const log = await storage.openLog('consensus')
    await log.append(encode(logRecordCodec, { type: 'height', height: 13 }))
  })
})

beforeEach(() => {
  rmSync(path, { recursive: true, force: true })
  cpSync(well, path, { recursive: true })
})

async function change(folder: string, work: (storage: Storage) => Promise<unknown>): Promise<void> {
  const storage = await openDiskStorage(new DataFolder(folder).storeFolder)
  await work(storage).finally(() => storage.close())
}

/** Flips a bit of what is stored, as a bad disk would: within the bytes of `part`. */
async function flipBit(part: Uint8Array): Promise<void> {
  // Opened once more, LevelDB moves what is in its log into a table; damage of the log is seen when it opens.
  await change(path, async () => {})
  const db = join(path, 'store', 'db')
  let hits = 0
  for (const name of readdirSync(db)) {
    const bytes = readFileSync(join(db, name))
    const at = bytes.indexOf(part)
    if (at < 0) continue
    bytes[at + 5]! ^= 0x10
    writeFileSync(join(db, name), bytes)
    hits++
  }
  expect(hits).toBe(1)
}

async function look(options: { repair?: boolean; last?: number; at?: string } = {}): Promise<Finding[]> {
  const findings: Finding[] = []
  await examine({
    folder: new DataFolder(options.at ?? path),
    last: options.last ?? Number.POSITIVE_INFINITY,
    repair: options.repair === true,
    stop: new AbortController().signal,
    tell: finding => findings.push(finding),
    progress: () => {},
  })
  return findings
}

const verdicts = (findings: readonly Finding[], verdict: string) =>
  findings.filter(finding => finding.verdict === verdict)

/** The only thing that is not well. */
async function onlyFinding(check: string, verdict: 'warn' | 'fail'): Promise<Finding> {
  const findings = await look()
  const bad = findings.filter(finding => finding.verdict !== 'ok' && finding.verdict !== 'skip')
  expect(bad.map(finding => [finding.check, finding.verdict])).toEqual([[check, verdict]])
  expect(bad[0]!.advice, 'advice').toBeTruthy()
  return bad[0]!
}

describe('a data folder', () => {
  test('that is well is found so, in every check; nothing is changed by looking', async () => {
    const findings = await look()
    expect(findings.filter(finding => finding.verdict !== 'ok')).toEqual([])
    expect(findings.map(({ check }) => check)).toEqual([
      ...['folder', 'space', 'wallet', 'genesis', 'engine', 'peer key', 'database', 'leftovers', 'consensus log'],
      ...['values', 'state', 'chain', 'signer', 'content'],
    ])
    expect(findings.find(({ check }) => check === 'chain')!.text).toContain('12 blocks, 1 to 12')
    expect((await look({ last: 3 })).find(({ check }) => check === 'chain')!.text).toContain('3 blocks, 10 to 12')
  })

  test('that is not there, or not begun, is not made by looking', async () => {
    const none = join(home.path, 'none')
    expect((await look({ at: none })).map(({ check, verdict }) => [check, verdict])).toEqual([['folder', 'fail']])
    expect(() => readdirSync(none)).toThrow()
    mkdirSync(none)
    const fresh = await look({ at: none })
    expect(verdicts(fresh, 'fail')).toEqual([])
    expect(verdicts(fresh, 'warn').map(({ check }) => check)).toEqual(['wallet', 'genesis'])
    expect(readdirSync(none)).toEqual([])
  })

  test.skipIf(process.platform === 'win32')('whose secrets others may read', async () => {
    chmodSync(join(path, 'wallet.json'), 0o644)
    expect((await onlyFinding('folder', 'warn')).text).toContain('wallet.json')
    expect(verdicts(await look({ repair: true }), 'warn')).toMatchObject([{ repaired: expect.any(String) }])
    expect(verdicts(await look(), 'warn')).toEqual([])
  })

  test('whose wallet, genesis or peer key is damaged', async () => {
    const wallet = readFileSync(join(path, 'wallet.json'), 'utf8')
    writeFileSync(join(path, 'wallet.json'), wallet.replace(/"salt": "../, '"salt": "ff'), { mode: 0o600 })
    expect((await onlyFinding('wallet', 'fail')).advice).toContain('--restore-wallet')
    writeFileSync(join(path, 'wallet.json'), wallet, { mode: 0o600 })

    writeFileSync(join(path, 'peer.key'), 'short', { mode: 0o600 })
    await onlyFinding('peer key', 'fail')
    expect(verdicts(await look({ repair: true }), 'fail')).toMatchObject([
      { repaired: expect.stringContaining('damaged') },
    ])
    expect(verdicts(await look(), 'fail')).toEqual([])

    writeFileSync(join(path, 'genesis.json'), readFileSync(join(path, 'genesis.json'), 'utf8').slice(0, 200))
    const damaged = await look()
    expect(verdicts(damaged, 'fail').map(({ check }) => check)).toEqual(['genesis'])
  })

  test('that belongs to another network than its chain, or to one of another engine', async () => {
    writeFileSync(join(path, 'genesis.json'), genesisToJson(smallChain(0, { chainId: 'hydra-0000000c' }).genesis))
    const [foreign] = verdicts(await look(), 'fail')
    expect(foreign).toMatchObject({ check: 'state', text: expect.stringContaining('another network') })
    const engine = 'ab'.repeat(32) as typeof chain.genesis.engine
    writeFileSync(join(path, 'genesis.json'), genesisToJson({ ...chain.genesis, engine }))
    expect(verdicts(await look(), 'fail').map(({ check }) => check)).toContain('engine')
  })

  test('that somebody has open says so, and is looked at from outside', async () => {
    await change(path, async () => {
      const findings = await look()
      expect(verdicts(findings, 'fail')).toEqual([])
      expect(verdicts(findings, 'warn')).toMatchObject([
        { check: 'database', advice: expect.stringContaining('Ctrl-C') },
      ])
      expect(verdicts(findings, 'skip')).toHaveLength(4)
    })
  })

  test('whose database has lost a file', async () => {
    rmSync(join(path, 'store', 'db', 'CURRENT'))
    // Without that file there is none to open: the advice must not be to begin a new one over it.
    const found = await look()
    expect(found.find(({ check }) => check === 'database')).toMatchObject({ verdict: 'fail' })
  })
})

describe('what is stored', () => {
  test('a block with a flipped bit is named by its height', async () => {
    await flipBit(fromHex(chain.blocks[6]!.block.header.beaconProof).subarray(4, 28))
    const bad = verdicts(await look(), 'fail')
    expect(bad.map(({ check }) => check)).toEqual(['values', 'chain'])
    expect(bad[1]!.text).toContain('block 7:')
    expect(bad[1]!.text).not.toContain('block 8:')
  })

  test('a block that is another one, with a checksum that fits, is named by its height', async () => {
    await change(path, async ({ db }) => {
      const key = (height: number) => `block/${String(height).padStart(16, '0')}`
      await db.batch([{ type: 'put', key: key(5), value: (await db.get(key(4)))! }], { sync: true })
    })
    expect((await onlyFinding('chain', 'fail')).text).toContain('block 5: it is another block')
  })

  test('a commit that its committee has not signed is named by its height', async () => {
    await change(path, async ({ db }) => {
      const key = `commit/${'9'.padStart(16, '0')}`
      const value = (await db.get(key))!
      const { signature } = chain.blocks[8]!.commit.precommits[0]!
      const at = Buffer.from(value).indexOf(fromHex(signature))
      value[at + 3]! ^= 1
      await db.batch([{ type: 'put', key, value }], { sync: true })
    })
    expect((await onlyFinding('chain', 'fail')).text).toMatch(/^block 9: /)
  })

  test('a state that is not the one of its header', async () => {
    await change(path, async ({ db }) => {
      for await (const [key, value] of db.range({ gte: 'state/', lt: 'state0' })) {
        if (!key.includes('account')) continue
        await db.batch(
          [{ type: 'put', key, value: value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte)) }],
          {
            sync: true,
          },
        )
        return
      }
    })
    const bad = verdicts(await look(), 'fail')
    expect(bad.map(({ check }) => check)).toEqual(['state'])
  })

  test('a log: torn at its end is well, a bad checksum is not, and is moved away on request', async () => {
    const log = join(path, 'store', 'logs', 'consensus.log')
    const bytes = readFileSync(log)
    appendFileSync(log, bytes.subarray(0, 7))
    expect((await look()).find(({ check }) => check === 'consensus log')).toMatchObject({
      verdict: 'ok',
      text: expect.stringContaining('7 bytes of one that a crash cut off'),
    })
    bytes[17]! ^= 1
    writeFileSync(log, bytes)
    await onlyFinding('consensus log', 'fail')
    await look({ repair: true })
    expect(verdicts(await look(), 'fail')).toEqual([])
    expect(readdirSync(join(path, 'damaged'))).toHaveLength(1)
    await change(path, async storage => (await storage.openLog('consensus')).append(new Uint8Array([1, 2, 3])))
    expect((await onlyFinding('consensus log', 'fail')).text).toContain('none that this release knows')
  })

  test('content: what is damaged is named, and deleted on request', async () => {
    let id = ''
    await change(path, async ({ db }) => {
      for await (const [key, value] of db.range({ gte: 'blob-chunk/', lt: 'blob-chunk0' })) {
        id = key.split('/')[1]!
        value[5]! ^= 1
        await db.batch([{ type: 'put', key, value }], { sync: true })
        break
      }
    })
    expect((await onlyFinding('content', 'fail')).text).toContain(id.slice(0, 16))
    await look({ repair: true })
    expect(verdicts(await look(), 'fail')).toEqual([])
  })

  test('a signer ahead of its chain is told', async () => {
    const record = {
      round: 0,
      step: 'precommit',
      signBytes: new Uint8Array(3),
      signature: 'ab'.repeat(64) as Signature,
    }
    await change(path, ({ db }) => new SignerStore(db).save({ ...record, height: 13, step: 'precommit' }))
    expect(verdicts(await look(), 'warn')).toEqual([])
    await change(path, ({ db }) => new SignerStore(db).save({ ...record, height: 40, step: 'precommit' }))
    expect((await onlyFinding('signer', 'warn')).text).toContain('block 40')
  })

  test('leftovers of a process that was killed are told, and deleted on request', async () => {
    writeFileSync(join(path, 'genesis.json.new'), 'half')
    writeFileSync(join(path, 'api.json'), '{"url":"http://127.0.0.1:9","pid":1}')
    await onlyFinding('leftovers', 'warn')
    await look({ repair: true })
    expect(verdicts(await look(), 'warn')).toEqual([])
    expect(readdirSync(path)).not.toContain('api.json')
  })

  test('an import that was cut off before it pinned the genesis', async () => {
    rmSync(join(path, 'genesis.json'))
    const bad = verdicts(await look(), 'fail')
    expect(bad).toMatchObject([{ check: 'genesis', advice: expect.stringContaining('--import-chain') }])
  })
})

test('the command: a line a check, exit code 0 and 1, and one JSON object a line', async () => {
  const env = { HYDRA_HOME: home.path }
  const good = await hydraNode(['doctor', '--user', 'node'], env)
  expect(good.stderr).toBe('')
  expect(good).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ok {4}chain +12 blocks(.|\n)*All is well\.\n$/),
  })
  writeFileSync(join(path, 'peer.key'), 'short', { mode: 0o600 })
  const bad = await hydraNode(['doctor', '--user', 'node', '--quick', '--json'], env)
  expect(bad.code).toBe(1)
  const lines = bad.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.at(-1)).toEqual({ event: 'doctor', ok: false, failed: 1, warned: 0 })
  expect(lines.find(({ check }) => check === 'peer key')).toMatchObject({ event: 'check', verdict: 'fail' })
})
