import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../support/api.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { earnedIn, microOf, statementOf } from '../support/money.ts'
import { type RunningNode, startNode } from '../support/node.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 120_000
const workplace = new Workplace()

let alice: RunningNode
let bob: RunningNode
let browser: Browser

beforeAll(async () => {
  alice = await startNode(workplace, 'alice', ['--found', '--models', 'mnist-cnn', '--block-interval', '1000'])
  browser = await launchBrowser()
}, WAIT_MS)

afterAll(async () => {
  await browser?.close()
})

// The network of the first test goes on in the later ones: they stand in this order.
describe('a founder and one who comes late', () => {
  test('the founder alone is a working network: blocks come, a model improves, and it earns', async () => {
    await eventually('a first version of the model', WAIT_MS, async () => {
      const [model] = (await alice.api.get('/api/models')).models
      return model.version >= 1
    })
    const { account, entries } = await statementOf(alice.api, alice.ready.address)
    expect(account.unitsVerified).toBeGreaterThan(0)
    expect(earnedIn(entries)).toBe(microOf(account.earned))
  }, 200_000)

  test('a newcomer with nothing gets genesis, blocks, model and data from its peer, then trains and earns', async () => {
    const before = await alice.api.height()
    bob = await startNode(workplace, 'bob', ['--peer', alice.address])
    const pinned = bob.program.lines.find(({ event }) => event === 'genesis')
    expect(pinned).toMatchObject({ hash: alice.ready.genesis, chainId: alice.ready.chainId })
    const status = await bob.api.status()
    expect(status.chain.genesis).toBe((await alice.api.status()).chain.genesis)

    await eventually('bob to catch up', WAIT_MS, async () => (await bob.api.height()) > before)
    const address = status.node.address
    await eventually('bob to be registered', WAIT_MS, async () => {
      const account = await alice.api.get(`/api/accounts/${address}`)
      return account.registered && account.name === 'bob'
    })
    // The founder says what it was paid: a unit is a whole HYDRA, and nobody sent it any.
    const earned = await eventually('a reward for a unit of bob', WAIT_MS, async () => {
      const statement = await statementOf(alice.api, address)
      return statement.entries.some(({ type }) => type === 'unit-reward') && statement
    })
    expect(earned.account.unitsVerified).toBeGreaterThan(0)
    expect(earned.entries.filter(({ type }) => type === 'transfer')).toEqual([])
    expect(earnedIn(earned.entries)).toBe(microOf(earned.account.earned))
    // Both have the model's bytes: they show the same digits with the same confidence.
    await eventually('the same digits on both', WAIT_MS, async () => {
      const [one, other] = await Promise.all([samplesOf(alice), samplesOf(bob)])
      return one.samples.length > 0 && JSON.stringify(one) === JSON.stringify(other)
    })
    await eventually('bob to stake by itself', WAIT_MS, async () => {
      const { stake } = await alice.api.get(`/api/accounts/${address}`)
      return microOf(stake) >= 1_000_000n
    })
    await expectSameBlocks(before)
  }, 400_000)

  test('the page shows what the API and the ledger hold, and a transfer from its form stands in a block', async () => {
    const { page, errors, close } = await openPage(browser, `${alice.ready.api}#token=${alice.token}`)
    try {
      await page.getByRole('heading', { level: 1 }).getByText('alice').waitFor({ timeout: WAIT_MS })
      await eventually('the page to show what the API says', WAIT_MS, () => expectPageToMatch(page))
      expect(page.url()).not.toContain(alice.token)
      await expectDigitsDrawn(page)
      await sendFromPage(page, bob.ready.address, '0.25')
      await eventually('the transfer in a block', WAIT_MS, async () => {
        const { entries } = await statementOf(bob.api, bob.ready.address)
        const transfer = entries.find(({ type }) => type === 'transfer')
        if (!transfer) return false
        const found = await alice.api.get(`/api/transactions/${transfer.transaction}`)
        const { transactions } = await alice.api.block(found.height)
        expect(found).toMatchObject({ status: 'committed', sender: alice.ready.address, height: transfer.height })
        expect(transactions.map(({ id }: Json) => id)).toContain(transfer.transaction)
        expect(microOf(transfer.amount)).toBe(250_000n)
        return true
      })
      expect(errors).toEqual([])
    } finally {
      await close()
    }
  }, 300_000)

  test('a node whose stored data was damaged fetches it from its peer again, trains and earns', async () => {
    expect(await bob.program.stop()).toEqual({ code: 0, signal: null })
    await damageContent(
      join(bob.folder, 'store', 'db'),
      (await alice.api.get(`/api/models/${(await modelOf(alice)).id}`)).data,
    )
    bob = await startNode(workplace, 'bob', ['--peer', alice.address])
    await eventually('bob to notice the damage', WAIT_MS, async () => /damaged/.test(bob.program.stderr.join('\n')))
    // A unit that was committed before the stop may still be paid in this round; one of a later round cannot be that.
    const { round } = await modelOf(alice)
    await eventually('a later round', WAIT_MS, async () => (await modelOf(alice)).round > round)
    const height = await alice.api.height()
    await eventually('a reward for a unit of bob', WAIT_MS, async () => {
      const { entries } = await statementOf(alice.api, bob.ready.address)
      return entries.some(entry => entry.type === 'unit-reward' && entry.height > height)
    })
  }, 200_000)

  test('a chain that was exported comes whole into a fresh folder, and ends as it was', async () => {
    expect(await bob.program.stop()).toEqual({ code: 0, signal: null })
    expect(await alice.program.stop()).toEqual({ code: 0, signal: null })
    const file = workplace.path('chain.dat')
    const exported = await workplace.run(['--data-dir', alice.folder, '--export-chain', file, '--json'])
    expect(exported.exit).toEqual({ code: 0, signal: null })
    const { height } = exported.lines.find(({ event }) => event === 'exported')!
    expect(height).toBeGreaterThan(0)
    const carol = ['--data-dir', workplace.path('carol'), '--import-chain', file, '--json']
    const imported = await workplace.run(carol)
    expect(imported.exit).toEqual({ code: 0, signal: null })
    expect(imported.lines.at(-1)).toMatchObject({
      event: 'imported',
      height,
      added: height,
      genesis: alice.ready.genesis,
    })
    expect((await workplace.run(carol)).lines.at(-1)).toMatchObject({ event: 'imported', height, added: 0 })
  }, 200_000)
})

/** Flips one bit in the middle of every chunk of what is stored under `id`, as a failing disk would. */
async function damageContent(db: string, id: string): Promise<void> {
  const level = new ClassicLevel<string, Uint8Array>(db, { valueEncoding: 'view', createIfMissing: false })
  let damaged = 0
  for await (const [key, stored] of level.iterator({ gte: `blob-chunk/${id}/`, lt: `blob-chunk/${id}0` })) {
    const value = new Uint8Array(stored)
    value[value.length >> 1]! ^= 1
    await level.put(key, value)
    damaged += 1
  }
  await level.close()
  expect(damaged).toBeGreaterThan(0)
}

async function modelOf({ api }: RunningNode): Promise<Json> {
  return (await api.get('/api/models')).models[0]
}

async function samplesOf(node: RunningNode): Promise<Json> {
  const { id } = await modelOf(node)
  return node.api.get(`/api/models/${id}/samples`)
}

async function expectSameBlocks(top: number): Promise<void> {
  for (let height = 1; height <= top; height += 1) {
    const [one, other] = await Promise.all([alice.api.block(height), bob.api.block(height)])
    expect(other).toEqual(one)
  }
}

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const textOf = async (found: Locator) => (await found.allInnerTexts()).join('\n')

/**
 * Asks the API before and after the page is read: what did not change in between, the page has to show. Throws while it
 * does not, so that a page that is a moment behind is read again.
 */
async function expectPageToMatch(page: Page): Promise<boolean> {
  const before = await factsOf(alice)
  const [network, wallet, training, chain, own] = await Promise.all(
    ['Network', 'Wallet', 'Training', 'Blockchain', 'Your node'].map(name => textOf(region(page, name))),
  )
  const after = await factsOf(alice)
  if (JSON.stringify(before) !== JSON.stringify(after)) return false
  const { status, account, model } = before
  expect(chain).toContain(`#${group(status.chain.height)}`)
  expect(wallet).toContain(`${group(shown(account.balance))}\nHYDRA`.replace('\n', ' '))
  expect(wallet).toContain(account.address)
  expect(network).toMatch(new RegExp(`Peers\\s+${status.peers}\\b`))
  expect(network).toContain(group(shown(status.supply.total)))
  expect(own).toContain(group(shown(status.earned.total)))
  expect(training).toContain(`${(model.evaluation.accuracy * 100).toFixed(1)} %`)
  return true
}

async function factsOf({ api, ready }: RunningNode): Promise<Json> {
  const [status, account, { models }] = await Promise.all([
    api.status(),
    api.get(`/api/accounts/${ready.address}`),
    api.get('/api/models'),
  ])
  const { chain, peers, earned, supply } = status
  const { height, blockHash } = chain
  return { status: { chain: { height, blockHash }, peers, earned, supply }, account, model: models[0] }
}

/** As the page writes an amount: at least one decimal, thousands apart. */
const shown = (amount: string) => (amount.includes('.') ? amount : `${amount}.0`)
const group = (text: string | number) => {
  const [whole = '', ...rest] = String(text).split('.')
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, ','), ...rest].join('.')
}

/** Every canvas has the ink of the sample that the API gives in its place. */
async function expectDigitsDrawn(page: Page): Promise<void> {
  const { samples } = await samplesOf(alice)
  const canvases = region(page, 'What the model sees').locator('canvas')
  await canvases.first().waitFor()
  expect(await canvases.count()).toBe(samples.length)
  const inks = await canvases.evaluateAll(all =>
    all.map(canvas => {
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 28, 28)
      return Array.from(data).filter((_, at) => at % 4 === 3)
    }),
  )
  expect(inks.map(ink => Buffer.from(ink).toString('base64'))).toEqual(samples.map(({ pixels }: Json) => pixels))
}

async function sendFromPage(page: Page, to: string, amount: string): Promise<void> {
  const wallet = region(page, 'Wallet')
  // By keys: on a page that lives, something may grow between a press of the pointer and its release.
  await wallet.getByText('Send', { exact: true }).press('Enter')
  await wallet.getByLabel('To', { exact: true }).fill(to)
  await wallet.getByLabel('Amount in HYDRA').fill(amount)
  await wallet.getByRole('button', { name: 'Review' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: `Send ${amount} HYDRA?` })
  await dialog.getByRole('button', { name: `Send ${amount} HYDRA` }).press('Enter')
  await wallet.getByText(/Sent\. It counts once/).waitFor()
}
