import { existsSync, writeFileSync } from 'node:fs'
import { genesisToJson } from '@hydraai/ledger'
import { expect, test } from 'vitest'
import { folderWithChain, smallChain } from '../../packages/cli/test/chain.ts'
import { eventually } from '../support/eventually.ts'
import { walletWithKeys } from '../support/network.ts'
import { startNode } from '../support/node.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 90_000
/** A node makes a snapshot of its state at every 500th block. */
const SNAPSHOT_AT = 1_000

const workplace = new Workplace()

test('a fresh node begins at a snapshot, checks it against the committees since genesis, and goes on from there', async () => {
  const validator = walletWithKeys(workplace, 'alice')
  const parameters = { blockIntervalMs: 300, registrationDifficulty: 4 }
  // Its blocks are a second apart. A genesis that is older than stake is bound for would have to be vouched for (--trust).
  const time = Date.now() - SNAPSHOT_AT * 1_000
  const chain = smallChain(SNAPSHOT_AT - 3, { time, validator, parameters })
  await folderWithChain(workplace.path('alice'), chain)
  const genesisFile = workplace.path('genesis.json')
  writeFileSync(genesisFile, genesisToJson(chain.genesis))
  const alice = await startNode(workplace, 'alice', ['--no-train', '--archive'])
  await eventually('a snapshot', WAIT_MS, async () => (await alice.api.height()) >= SNAPSHOT_AT + 2)

  const peer = ['--peer', alice.address]
  const bob = await startNode(workplace, 'bob', ['--no-train', '--genesis', genesisFile, '--sync', 'snapshot', ...peer])
  const { chain: synced } = await eventually('bob beside alice', WAIT_MS, async () => {
    const status = await bob.api.status()
    return status.chain.height > SNAPSHOT_AT && status.chain.lowest > 1 && status
  })
  expect(synced.lowest).toBe(SNAPSHOT_AT)
  const block = await bob.api.block(SNAPSHOT_AT + 1)
  expect(block.hash).toBe((await alice.api.block(SNAPSHOT_AT + 1)).hash)
  // What it does not hold it says so of, in lists, accounts and single blocks.
  expect(await bob.api.get('/api/blocks?limit=100')).toMatchObject({ lowest: SNAPSHOT_AT })
  await expect(bob.api.block(500)).rejects.toThrow('BLOCK_PRUNED')
  const { address } = (await alice.api.status()).node
  const account = await eventually('the index', WAIT_MS, async () => {
    const answer = await bob.api.get(`/api/accounts/${address}`)
    return answer.complete && answer
  })
  expect(account.since).toBe(SNAPSHOT_AT)
  expect(Number(account.totals.opening)).toBeGreaterThan(400)
  expect((await alice.api.get(`/api/accounts/${address}`)).since).toBe(0)

  await bob.program.stop()
  const refused = await workplace.run(['--export-chain', workplace.path('bob.dat'), '--data-dir', bob.folder])
  expect(refused.exit?.code).toBe(1)
  expect(refused.stderr.join()).toContain('--archive')
  const doctor = await workplace.run(['doctor', '--data-dir', bob.folder, '--json'])
  expect(doctor.lines.at(-1)).toMatchObject({ ok: true, failed: 0 })
  expect(doctor.lines.find(({ event, check }) => event === 'check' && check === 'chain')!.text).toContain(
    `blocks, ${SNAPSHOT_AT} to `,
  )

  const again = await startNode(workplace, 'bob', ['--no-train', ...peer])
  expect(again.ready.height).toBeGreaterThanOrEqual(synced.height)
  const next = (await alice.api.height()) + 2
  await eventually('bob in step again', WAIT_MS, async () => (await again.api.height()) >= next)

  await alice.program.stop()
  const exported = await workplace.run(['--export-chain', workplace.path('alice.dat'), '--data-dir', alice.folder])
  expect(exported.exit?.code, exported.tail()).toBe(0)
  expect(existsSync(workplace.path('alice.dat'))).toBe(true)
}, 240_000)
