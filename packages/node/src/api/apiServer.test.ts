import { formatAmount, type Micro, parseAmount } from '@hydraai/core'
import { accountOf } from '@hydraai/ledger'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HydraNode } from '../node.ts'
import { eventually, type Served, TestNetwork, TOKEN } from './testing/world.ts'

const network = new TestNetwork()
let node: HydraNode
let api: Served

beforeAll(async () => {
  node = await network.node(0)
  api = await network.serve(node)
  await eventually('a second version of the model', () => node.state.models.get('tiny')!.version >= 2)
})
afterAll(() => network.close())

describe('answers', () => {
  it('has every route answer in the shape that it is described by', async () => {
    const id = node.chain.height
    const settled = await eventually('a block with a transaction', async () => {
      const { json } = await api.get('/api/blocks?limit=100')
      return json.blocks.find((block: { transactions: number }) => block.transactions > 0)
    })
    const block = (await api.get(`/api/blocks/${settled.hash}`)).json
    const examples: Record<string, string> = {
      heightOrHash: String(id),
      address: node.address,
      '/api/transactions/:id': block.transactions[0].id,
      id: 'tiny',
    }
    const authorization = `Bearer ${TOKEN}`
    for (const route of api.server.routes) {
      if (typeof route.answer === 'string' || route.method !== 'GET') continue
      const path = route.path.replace(/:(\w+)/g, (_, name) => examples[route.path] ?? examples[name] ?? '')
      const answer = await api.get(path, { authorization })
      expect(answer.status, `${path} ${answer.text}`).toBe(200)
      const parsed = route.answer.safeParse(answer.json)
      expect(parsed.success ? [] : z.prettifyError(parsed.error), path).toEqual([])
    }
  })
})

describe('money', () => {
  it('adds up: entries, totals, balance and stake are the same sum', async () => {
    await eventually('a unit reward', async () => parseAmount((await api.get('/api/training')).json.earned) > 0n)
    const account = (await api.get(`/api/accounts/${node.address}?limit=1000`)).json
    expect(account.complete).toBe(true)
    expect(account.entriesBefore).toBeNull()
    const sum = (account.entries as { amount: string }[]).reduce((all, { amount }) => all + signedMicro(amount), 0n)
    const owned = parseAmount(account.balance) + parseAmount(account.stake)
    expect(formatAmount(sum)).toBe(formatAmount(owned))
    const { totals } = account
    const by = (name: string): Micro => parseAmount(totals[name])
    const rewards = by('units') + by('verdicts') + by('blocks') + by('precommits')
    expect(account.earned).toBe(formatAmount(rewards))
    expect(by('genesisStake') + rewards + by('received') - by('sent') - by('fees') - by('slashed')).toBe(owned)
    expect(by('units')).toBeGreaterThan(0n)
  })
})

function signedMicro(text: string): Micro {
  return text.startsWith('-') ? -parseAmount(text.slice(1)) : parseAmount(text)
}
void accountOf
