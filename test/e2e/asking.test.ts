import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../support/api.ts'
import { type Member, membersUp, startDevnet } from '../support/devnet.ts'
import { eventually } from '../support/eventually.ts'
import { microOf, statementOf } from '../support/money.ts'
import type { Program } from '../support/program.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 180_000
const QUESTION = 'What is machine learning?'
const workplace = new Workplace({ endAfterFailure: true })

let devnet: Program
let alice: Member
let bob: Member
let file: string

beforeAll(async () => {
  const folder = workplace.path('devnet')
  devnet = startDevnet(workplace, folder, ['--nodes', '2', '--models', 'hydra-gpt'])
  const members = await membersUp(folder, 2)
  alice = members.find(({ name }) => name === 'alice')!
  bob = members.find(({ name }) => name === 'bob')!
  file = workplace.path('answer.json')
  await eventually('alice to have means, and somebody to ask', WAIT_MS, async () => {
    const { node } = await alice.api.status()
    const { balance } = await alice.api.get(`/api/accounts/${node.address}`)
    const [model] = (await alice.api.get('/api/ask/info')).models
    return microOf(balance) >= 500_000n && model?.servers === 1
  })
}, 300_000)

// The answer of the first test is what the later ones look into: they stand in this order.
describe('a question to the network', () => {
  let answer: Json

  test(
    'is answered by the peer that serves the model, and paid for in a block',
    async () => {
      const asked = await workplace.run(['--query', QUESTION, '--data-dir', alice.folder, '--json', '--save', file])
      expect(asked.exit, asked.tail()).toEqual({ code: 0, signal: null })
      answer = asked.lines[0]
      const [asker, server] = await Promise.all([alice.api.status(), bob.api.status()])
      expect(answer).toMatchObject({ question: QUESTION, model: 'hydra-gpt', server: server.node.address, cost: '0.5' })
      expect(answer.text.length).toBeGreaterThan(0)
      const found = await eventually('the payment in a block', WAIT_MS, async () => {
        const transaction = await bob.api.get(`/api/transactions/${answer.transaction}`)
        return transaction.status === 'committed' && transaction
      })
      expect(found).toMatchObject({ sender: asker.node.address, action: { type: 'query', model: 'hydra-gpt' } })
      expect((await alice.api.block(found.height)).transactions.map(({ id }: Json) => id)).toContain(answer.transaction)
      const { entries } = await statementOf(bob.api, server.node.address)
      const income = entries.filter(({ type }) => type === 'query-payment')
      expect(income.map(({ amount, transaction }) => [microOf(amount), transaction])).toEqual([
        [400_000n, answer.transaction],
      ])
    },
    WAIT_MS,
  )

  test(
    'gives an answer that anyone with the model finds true, and a changed one is found out',
    async () => {
      const verify = (path: string) => workplace.run(['verify-answer', path, '--data-dir', bob.folder])
      const good = await verify(file)
      expect(good.exit, good.tail()).toEqual({ code: 0, signal: null })
      expect(good.stdout.join('\n')).toContain('the model says exactly this')
      const signed = JSON.parse(readFileSync(file, 'utf8'))
      const changed = workplace.path('changed.json')
      writeFileSync(changed, JSON.stringify({ ...signed, tokens: signed.tokens.slice(1) }))
      const bad = await verify(changed)
      expect(bad.exit).toEqual({ code: 1, signal: null })
      expect(bad.stdout.join('\n')).toContain('the file was altered')
    },
    WAIT_MS,
  )

  test(
    'has nobody to go to once the nodes have stopped; the stored version still answers, for free',
    async () => {
      expect(await devnet.stop()).toEqual({ code: 0, signal: null })
      const asked = await workplace.run(['--query', QUESTION, '--data-dir', alice.folder])
      expect(asked.exit).toEqual({ code: 1, signal: null })
      expect(asked.stderr.join('\n')).toMatch(/No node runs in .*alice/)
      expect(asked.stderr.join('\n')).toContain('--local')
      const local = await workplace.run(['--query', QUESTION, '--data-dir', alice.folder, '--local'])
      expect(local.exit, local.tail()).toEqual({ code: 0, signal: null })
      expect(local.stdout.join('').length).toBeGreaterThan(0)
      expect(local.stderr.join('\n')).toMatch(/hydra-gpt, version \d+/)
      expect(local.stderr.join('\n')).toContain(alice.folder)
      expect(local.stderr.join('\n')).toContain('nothing: answered here')
    },
    WAIT_MS,
  )
})
