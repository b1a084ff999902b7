import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CounterRandom, taggedHash, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import type { Api, Json } from '../support/api.ts'
import { firstPage, type Member, membersIn, membersUp, startDevnet, summaryOf } from '../support/devnet.ts'
import { eventually } from '../support/eventually.ts'
import { earnedIn, microOf, statementOf, sum, supplyByHeight } from '../support/money.ts'
import { isAlive } from '../support/processes.ts'
import { type JsonLine, PASSWORD } from '../support/program.ts'
import { nodeLogsIn, Workplace } from '../support/workplace.ts'

const NODES = 4
const KILLS = 10
const SETTLE_MS = 2_000
const SILENCE_MS = 4_000
const SEED = 'ten kills'
const HASH = /^[0-9a-f]{64}$/
const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const AMOUNT = /^\d+(\.\d{1,6})?$/

const workplace = new Workplace({ endAfterFailure: true })
const folder = workplace.path('network')

/** The network's last summary; every later start has to go on from there. */
let last: JsonLine

// The network of the first test goes on in the later ones: they stand in this order.
describe('a local network of four processes', () => {
  test('trains to its goal with one block hash and one model hash, and its page tells what the ledger holds', async () => {
    const goal = ['--nodes', String(NODES), '--until', 'accuracy=0.9', '--timeout', '300']
    const program = startDevnet(workplace, folder, goal)
    const page = await firstPage(program, folder)
    const members = await membersUp(folder, NODES)
    await eventually('the first rewards', 60_000, async () => (await page.status()).earned.total !== '0')
    await expectLedgerToAddUp(page, members)
    await expectStories(page, members)

    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(program.lines).toHaveLength(program.stdout.length)
    expect(program.lines.slice(0, -1).every(({ event }) => typeof event === 'string')).toBe(true)
    last = summaryOf(program)
    expectAgreement(last)
    for (const { peers } of last.nodes) expect(peers).toBe(NODES - 1)
    expect(last).toMatchObject({ reached: true, model: 'mnist-cnn' })
    expect(last.accuracy).toBeGreaterThanOrEqual(0.9)
    expect(last.nodes.map(({ pid }: Json) => isAlive(pid))).toEqual([false, false, false, false])
    expect(members.map(({ pid }) => pid).sort()).toEqual(last.nodes.map(({ pid }: Json) => pid).sort())
  }, 400_000)

  test('loses nothing that was final and signs nothing twice when nodes are killed, ten times in a row', async () => {
    const program = startDevnet(workplace, folder, [])
    expect(await program.line('the start', 30_000, () => true)).toMatchObject({ event: 'starting', resumed: true })
    const before = await membersUp(folder, NODES)
    const final = new Map<number, string>()
    await note(before, final)
    expect(Math.max(...final.keys())).toBeGreaterThanOrEqual(last.height)
    expect(final.get(last.height) ?? (await before[0]!.api.block(last.height)).hash).toBe(last.nodes[0].blockHash)

    const random = new CounterRandom(taggedHash('test/kills/1', utf8(SEED)))
    for (let kill = 0; kill < KILLS; kill++) {
      await growBeyond(Math.max(...final.keys()), final)
      await sleep(random.below(1_500))
      await note(membersIn(folder), final)
      const members = membersIn(folder)
      const victim = members[random.below(members.length)]!
      process.kill(victim.pid, 'SIGKILL')
      await eventually(`${victim.name} to be started again`, 30_000, () =>
        membersIn(folder).some(({ name, pid }) => name === victim.name && pid !== victim.pid),
      )
    }
    const height = Math.max(...final.keys())
    const members = await membersUp(folder, NODES)
    await eventually('every node to grow after the kills', 90_000, async () =>
      (await heightsOf(members)).every(now => now >= height + 2),
    )
    const hashes = await Promise.all(members.map(({ api }) => hashesOf(api, [...final.keys()])))
    for (const own of hashes) expect(own).toEqual(Object.fromEntries(final))
    const tops = await Promise.all(members.map(({ api }) => api.block(height + 2)))
    expect(new Set(tops.map(({ hash }) => hash)).size).toBe(1)
    expect(new Set(tops.map(({ models }) => JSON.stringify(models))).size).toBe(1)

    // The first summary's supply is what the blocks say they minted and burnt, at the height the network had come to.
    const founders = sum(last.nodes.map(() => 1_000_000_000n))
    const supplies = await supplyByHeight(members[0]!.api, founders, height)
    expect(supplies.slice(last.height, last.height + 4)).toContain(microOf(last.supply))
    await expectNobodyAccused(members[0]!.api, height + 2)
    for (const { api } of members) expect(await api.metric('hydra_halted')).toBe(0)
    const exits = program.lines.filter(({ event }) => event === 'exit')
    expect(exits.map(({ reason, restarting }) => ({ reason, restarting }))).toEqual(
      Array.from({ length: KILLS }, () => ({ reason: 'SIGKILL', restarting: true })),
    )

    expect(await program.stop()).toEqual({ code: 0, signal: null })
    const summary = summaryOf(program)
    expectAgreement(summary)
    expect(summary.height).toBeGreaterThanOrEqual(height + 2)
    expect(membersIn(folder)).toEqual([])
    expectNoSecrets(program.stdout)
    last = summary
  }, 400_000)

  test('goes on with three of four, waits with two, and goes on without a fork when they are back', async () => {
    const program = startDevnet(workplace, folder, [])
    // Reputation makes votes weigh more: without the lightest three are more than two thirds, without the heaviest too
    // the two that are left never are.
    const members = await byPower(await membersUp(folder, NODES))
    const [lightest, ...others] = members as [Member, Member, Member, Member]
    const [one, another, heaviest] = others
    try {
      process.kill(lightest.pid, 'SIGSTOP')
      await eventuallyGrown(others, 2)
      process.kill(heaviest.pid, 'SIGSTOP')
      // What was under way may still be decided; after that nothing is.
      await sleep(SETTLE_MS)
      const before = await heightsOf([one, another])
      await sleep(SILENCE_MS)
      expect(await heightsOf([one, another])).toEqual(before)
    } finally {
      for (const { pid } of [heaviest, lightest]) process.kill(pid, 'SIGCONT')
    }
    const height = await eventuallyGrown(members, 2)
    const hashes = await Promise.all(members.map(async ({ api }) => (await api.block(height)).hash))
    expect(new Set(hashes).size).toBe(1)
    expect(await program.stop()).toEqual({ code: 0, signal: null })
  }, 300_000)

  test('goes on where it was, and reaches more', async () => {
    const program = startDevnet(workplace, folder, ['--until', 'accuracy=0.95', '--timeout', '300'])
    expect(await program.exited).toEqual({ code: 0, signal: null })
    const summary = summaryOf(program)
    expectAgreement(summary)
    expect(summary.height).toBeGreaterThanOrEqual(last.height)
    expect(summary.modelVersion).toBeGreaterThanOrEqual(last.modelVersion)
    expect(microOf(summary.supply)).toBeGreaterThanOrEqual(microOf(last.supply))
    expect(summary.accuracy).toBeGreaterThanOrEqual(0.95)
    last = summary
  }, 400_000)

  test('says that a goal was not reached when its time is up', async () => {
    const program = startDevnet(workplace, folder, ['--until', 'accuracy=1', '--timeout', '6'])
    expect(await program.exited).toEqual({ code: 1, signal: null })
    expect(summaryOf(program)).toMatchObject({ reached: false, model: 'mnist-cnn' })
    expect(membersIn(folder)).toEqual([])
  }, 120_000)
})

/** The least voting power first. */
async function byPower(members: readonly Member[]): Promise<Member[]> {
  const committee = await members[0]!.api.get('/api/committee')
  const power = new Map<string, number>(committee.members.map(({ name, power }: Json) => [name, power]))
  return members.toSorted((a, b) => power.get(a.name)! - power.get(b.name)!)
}

/** Every field, and one block and one model for all. */
function expectAgreement(summary: JsonLine): void {
  expect(Object.keys(summary).sort()).toEqual(
    ['reached', 'accuracy', 'model', 'modelVersion', 'models', 'height', 'nodes', 'supply', 'seconds'].sort(),
  )
  expect(summary.supply).toMatch(AMOUNT)
  expect(summary.seconds).toBeGreaterThan(0)
  expect(summary.nodes).toHaveLength(NODES)
  for (const node of summary.nodes) {
    expect(node).toEqual({
      name: expect.any(String),
      pid: expect.any(Number),
      address: expect.stringMatching(ADDRESS),
      balance: expect.stringMatching(AMOUNT),
      height: summary.height,
      blockHash: expect.stringMatching(HASH),
      modelHash: expect.stringMatching(HASH),
      modelHashes: { 'mnist-cnn': node.modelHash },
      unitsVerified: expect.any(Number),
      peers: expect.any(Number),
    })
    // One that resumes at its goal ends before all have met; a run of its own checks for all.
    expect(node.peers).toBeLessThan(NODES)
  }
  expect(new Set(summary.nodes.map(({ blockHash }: Json) => blockHash)).size).toBe(1)
  expect(new Set(summary.nodes.map(({ modelHash }: Json) => modelHash)).size).toBe(1)
  expect(new Set(summary.nodes.map(({ address }: Json) => address)).size).toBe(NODES)
}

/** While blocks come: what the page calls earned is the sum of its entries, and all accounts together are the supply. */
async function expectLedgerToAddUp(page: Api, members: readonly Member[]): Promise<void> {
  const addresses = await Promise.all(members.map(async ({ api }) => (await api.status()).node.address))
  const found = await eventually('all accounts and the status at one height', 60_000, async () => {
    const statements = await Promise.all(addresses.map(address => statementOf(page, address)))
    const status = await page.status()
    const height = status.chain.height
    return statements.every(({ account }) => account.height === height) && { statements, status }
  })
  const { statements, status } = found
  for (const { account, entries } of statements) {
    expect(earnedIn(entries)).toBe(microOf(account.earned))
    expect(sum(entries.map(({ amount }) => microOf(amount)))).toBe(microOf(account.balance) + microOf(account.stake))
  }
  const own = statements.find(({ account }) => account.address === status.node.address)!
  expect(microOf(status.earned.total)).toBe(earnedIn(own.entries))
  const { supply } = status
  expect(microOf(supply.total)).toBe(microOf(supply.minted) - microOf(supply.burnt))
  const held = statements.map(({ account }) => microOf(account.balance) + microOf(account.stake))
  expect(sum(held)).toBe(microOf(supply.total))
}

/** Each update that was decided tells who did what, and every node tells the same. */
async function expectStories(page: Api, members: readonly Member[]): Promise<void> {
  const [one, other] = await eventually('some updates that were decided, the same on two nodes', 60_000, async () => {
    const rows = await Promise.all([page, members.at(-1)!.api].map(api => decidedUpdates(api)))
    const [mine, theirs] = rows.map(all => all.slice(-NODES))
    return mine!.length === NODES && JSON.stringify(mine) === JSON.stringify(theirs) && [mine!, theirs!]
  })
  expect(other).toEqual(one)
  for (const update of one!) {
    expect(update).toMatchObject({ model: 'mnist-cnn', outcome: 'accepted', revealed: true, sealed: false })
    expect(update.lossBefore).toBeGreaterThan(0)
    expect(update.lossAfter).toBeGreaterThan(0)
    expect(microOf(update.reward)).toBe(1_000_000n)
    expect(microOf(update.slashed)).toBe(0n)
    // Everybody else is drawn in so small a network, and most have spoken.
    expect(update.verdicts).toHaveLength(NODES - 1)
    const stood = update.verdicts.filter(({ judgement }: Json) => judgement === 'stood')
    expect(stood.length).toBeGreaterThanOrEqual(2)
    expect(update.verdicts.filter(({ judgement }: Json) => judgement === 'wrong')).toEqual([])
    // Whoever was drawn to replay did, or the unit would not have been paid.
    if (update.audit !== null) expect(stood.some(({ segments }: Json) => segments > 0)).toBe(true)
    const { events } = await page.block(update.height)
    const { trainer: account, transaction } = update
    expect(events).toContainEqual(expect.objectContaining({ type: 'unit-reward', account, transaction }))
  }
}

/** Of the last rounds, oldest first. */
async function decidedUpdates(api: Api): Promise<Json[]> {
  const { updates } = await api.get('/api/models/mnist-cnn/updates?limit=100')
  return updates
    .filter(({ height, outcome }: Json) => height !== null && outcome !== 'disputed')
    .map(({ reputation: _now, ...update }: Json) => update)
    .sort((a: Json, b: Json) => a.height - b.height || (a.trainer < b.trainer ? -1 : 1) || a.unit - b.unit)
    .slice(0, NODES)
}

/** Writes down the newest final blocks of every node that answers, which must never contradict what was final before. */
async function note(members: readonly Member[], final: Map<number, string>): Promise<void> {
  for (const { name, api } of members) {
    const answer = await api.get('/api/blocks?limit=20').catch(() => null)
    for (const { height, hash } of answer?.blocks ?? []) {
      expect([name, height, final.get(height) ?? hash]).toEqual([name, height, hash])
      final.set(height, hash)
    }
  }
}

function growBeyond(height: number, final: Map<number, string>): Promise<boolean> {
  return eventually(`a block after ${height}`, 90_000, async () => {
    await note(membersIn(folder), final)
    return Math.max(...final.keys()) > height
  })
}

/** A height that all of them have, `more` above where the first of them is now. */
async function eventuallyGrown(members: readonly Member[], more: number): Promise<number> {
  const height = (await members[0]!.api.height()) + more
  await eventually(`block ${height} on ${members.length} nodes`, 90_000, async () =>
    (await heightsOf(members)).every(now => now >= height),
  )
  return height
}

function heightsOf(members: readonly Member[]): Promise<number[]> {
  return Promise.all(members.map(({ api }) => api.height()))
}

async function hashesOf(api: Api, heights: readonly number[]): Promise<Record<number, string>> {
  const found: [number, string][] = []
  for (const height of heights) found.push([height, (await api.block(height)).hash])
  return Object.fromEntries(found)
}

/** No evidence in any block, no stake lost, and no log that knows of two votes by one hand. */
async function expectNobodyAccused(api: Api, top: number): Promise<void> {
  for (let height = 1; height <= top; height++) {
    const { events, transactions } = await api.block(height)
    expect(events.filter(({ type }: Json) => /slash|dispute/.test(type))).toEqual([])
    expect(transactions.filter(({ type }: Json) => type === 'evidence')).toEqual([])
  }
  const lines = nodeLogsIn(folder).flatMap(path => readFileSync(path, 'utf8').split('\n'))
  expect(lines.filter(line => /conflicting votes|consensus stopped/.test(line))).toEqual([])
  // A signer that refuses is what keeps a restarted node from signing twice; nothing else may speak of it.
  expect(lines.filter(line => /DOUBLE_SIGN/.test(line) && !line.includes('kept silent'))).toEqual([])
}

function expectNoSecrets(lines: readonly string[]): void {
  const { password } = JSON.parse(readFileSync(`${folder}/devnet.json`, 'utf8'))
  const [alice] = readFileSync(`${folder}/alice/api-token`, 'utf8').trim().split('\n')
  for (const secret of [password, alice, PASSWORD]) expect(lines.filter(line => line.includes(secret))).toEqual([])
}
