import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Api, Json } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { foundWithParameters, walletWithKeys } from '../support/network.ts'
import { type RunningNode, startNode } from '../support/node.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 60_000
const FOUNDERS = ['alice', 'bob', 'carol', 'dave']
/** Epochs and unbonding of a few seconds. */
const PARAMETERS = {
  blockIntervalMs: 400,
  registrationDifficulty: 4,
  epochBlocks: 8,
  evidenceBlocks: 20,
  unbondingBlocks: 30,
}

const workplace = new Workplace({ endAfterFailure: true })
const nodes = new Map<string, RunningNode>()
let genesisFile: string

/** Starts the node, joining through those that run. */
async function start(name: string, more: readonly string[] = []): Promise<RunningNode> {
  const peers = [...nodes.values()].flatMap(({ address }) => ['--peer', address])
  const node = await startNode(workplace, name, ['--no-train', ...peers, ...more])
  nodes.set(name, node)
  return node
}

const api = (name: string): Api => nodes.get(name)!.api

async function run(args: readonly string[]): Promise<Json> {
  const program = await workplace.run([...args, '--json'])
  expect(program.exit, program.tail()).toEqual({ code: 0, signal: null })
  return program.lines.at(-1)!
}

async function grownBy(name: string, blocks: number): Promise<number> {
  const height = (await api(name).height()) + blocks
  await eventually(`${name} at block ${height}`, WAIT_MS, async () => (await api(name).height()) >= height)
  return height
}

// One network; the tests stand in their order.
describe('a network of four with short epochs', () => {
  test('lets a newcomer with 1 HYDRA stake, draws it into the committee, and pays for its votes', async () => {
    ;({ genesisFile } = await foundWithParameters(workplace, FOUNDERS, PARAMETERS))
    for (const name of FOUNDERS) await start(name)
    walletWithKeys(workplace, 'erin')
    const erin = await start('erin', ['--genesis', genesisFile, '--no-stake'])
    const { address } = (await erin.api.status()).node
    await eventually('alice to have earned some', WAIT_MS, async () => {
      const { balance } = await api('alice').get('/api/wallet')
      return Number(balance) > 1.2
    })
    await api('alice').post('/api/wallet/send', { to: address, amount: '1.1' })
    await eventually('the money', WAIT_MS, async () => {
      const { balance } = await erin.api.get('/api/wallet')
      return Number(balance) >= 1.1
    })

    const staked = await run(['stake', '1.0', '--data-dir', erin.folder])
    expect(staked).toMatchObject({ event: 'stake', amount: '1', height: expect.any(Number) })
    const committee = await eventually('the next draw', WAIT_MS, async () => {
      const answer = await run(['committee', '--data-dir', erin.folder])
      return answer.self.member && answer
    })
    expect(committee.members).toHaveLength(FOUNDERS.length + 1)
    expect(committee.members.find(({ self }: Json) => self)).toMatchObject({ address, name: 'erin', stake: '1' })
    const voted = await eventually('a vote that is paid', WAIT_MS, async () => {
      const { entries } = await erin.api.get(`/api/accounts/${address}`)
      return entries.find(({ type }: Json) => type === 'precommit-reward')
    })
    // Everybody has it so.
    const { events } = await api('carol').block(voted.height)
    expect(events).toContainEqual(expect.objectContaining({ type: 'precommit-reward', account: address }))
  }, 180_000)

  test('lets it go again: out of the committee at the end of the epoch, its stake free when unbonded', async () => {
    const erin = nodes.get('erin')!
    const { address } = (await erin.api.status()).node
    const { height } = await run(['unstake', '1.0', '--data-dir', erin.folder])
    const { unbonding } = await erin.api.get(`/api/accounts/${address}`)
    expect(unbonding).toMatchObject([{ amount: '1', releaseAt: height + PARAMETERS.unbondingBlocks }])
    const committee = await eventually('the next draw', WAIT_MS, async () => {
      const answer = await erin.api.get('/api/committee')
      return !answer.self.member && answer
    })
    expect(committee.members.map(({ name }: Json) => name).sort()).toEqual(FOUNDERS)
    await eventually('the end of unbonding', WAIT_MS, async () => {
      const account = await erin.api.get(`/api/accounts/${address}`)
      return account.stake === '0' && account.unbonding.length === 0 && Number(account.balance) > 1
    })
  }, 180_000)

  test('loses nothing when one of four is killed under load, and takes each transfer once', async () => {
    const { address } = (await api('erin').status()).node
    const sent: string[] = []
    let loading = true
    const load = (async () => {
      while (loading) {
        for (const name of ['alice', 'carol', 'dave']) {
          // What is not there yet is not sent.
          const answer = await api(name)
            .post('/api/wallet/send', { to: address, amount: '0.001' })
            .catch(() => null)
          if (answer) sent.push(answer.transaction)
        }
        await sleep(60)
      }
    })()
    try {
      await grownBy('alice', 2)
      const bob = nodes.get('bob')!
      const before = await bob.api.height()
      bob.program.signal('SIGKILL')
      await bob.program.exited
      nodes.delete('bob')
      await grownBy('alice', 3)
      const again = await start('bob')
      expect(again.ready.height).toBeGreaterThanOrEqual(before)
      await grownBy('bob', 3)
    } finally {
      loading = false
      await load
    }
    expect(sent.length).toBeGreaterThan(20)
    const heights: number[] = []
    for (const id of sent)
      heights.push(
        await eventually('the transfer in a block', WAIT_MS, async () => {
          const { height } = await api('bob').get(`/api/transactions/${id}`)
          return height as number | null
        }),
      )
    const top = Math.max(...heights)
    const blocks = await Promise.all(
      ['alice', 'bob', 'carol', 'dave', 'erin'].map(name =>
        eventually(`block ${top} at ${name}`, WAIT_MS, () => api(name).block(top)),
      ),
    )
    expect(new Set(blocks.map(({ hash }) => hash)).size).toBe(1)
    const counts = new Map<string, number>()
    for (let height = Math.min(...heights); height <= top; height++)
      for (const { id } of (await api('bob').block(height)).transactions) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const id of sent) expect(counts.get(id)).toBe(1)
    for (const { program } of nodes.values()) expect(program.exit).toBeNull()
    for (const name of FOUNDERS) expect(await api(name).metric('hydra_halted')).toBe(0)
  }, 180_000)

  test('has nothing to complain of when its folders are examined', async () => {
    const ended = [...nodes.values()].map(({ program }) => program.stop())
    expect(new Set((await Promise.all(ended)).map(({ code }) => code))).toEqual(new Set([0]))
    for (const name of ['bob', 'erin']) {
      const doctor = await run(['doctor', '--data-dir', workplace.path(name)])
      expect(doctor).toEqual({ event: 'doctor', ok: true, failed: 0, warned: 0 })
    }
  }, 120_000)
})
