import { connect } from 'node:net'
import { decode, formatAmount, fromHex, HydraError, type Micro, parseAmount } from '@hydraai/core'
import {
  accountProofCodec,
  eventProofCodec,
  lightBlockCodec,
  trustBlock,
  verifyAccount,
  verifyEvent,
} from '@hydraai/ledger'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HydraNode } from '../node.ts'
import { eventually, type Served, TestNetwork, TOKEN } from './testing/world.ts'
import { version } from './version.ts'

/** Epochs and unbonding that a test can wait for: five and thirty blocks of 50 ms. */
const parameters = { epochBlocks: 5, evidenceBlocks: 20, unbondingBlocks: 30 }
const network = new TestNetwork({ parameters })
const authorization = `Bearer ${TOKEN}`
let node: HydraNode
let api: Served

beforeAll(async () => {
  node = await network.node(0)
  api = await network.serve(node)
  await eventually('a second version of the model', () => node.state.models.get('tiny')!.version >= 2)
})
afterAll(() => network.close())

/** A path for each route that leads to something. */
async function pathOf(route: string): Promise<string> {
  const blocks = (await api.get('/api/blocks?limit=100')).json.blocks as { hash: string; transactions: number }[]
  const { hash } = blocks.find(block => block.transactions > 0)!
  const id = route.includes('transactions') ? (await api.get(`/api/blocks/${hash}`)).json.transactions[0].id : 'tiny'
  return route
    .replace(':heightOrHash', hash)
    .replace(':height', '3')
    .replace(':index', '0')
    .replace(':hash', node.state.models.get('tiny')!.data)
    .replace(':address', node.address)
    .replace(':id', id)
    .replace(':round', '1')
    .replace(':trainer', node.address)
    .replace(':unit', '0')
}

describe('answers', () => {
  it('have the shape that their route is described by, on every route', async () => {
    for (const route of api.server.routes) {
      if (typeof route.answer === 'string' || route.method !== 'GET') continue
      const path = await pathOf(route.path)
      const answer = await api.get(path, { authorization })
      expect(answer.status, `${path} ${answer.text}`).toBe(200)
      const parsed = route.answer.safeParse(answer.json)
      expect(parsed.success ? '' : z.prettifyError(parsed.error), path).toBe('')
    }
  })

  it('find a block by its height and by its hash', async () => {
    const byHeight = (await api.get('/api/blocks/3')).json
    const byHash = (await api.get(`/api/blocks/${byHeight.hash}`)).json
    expect(byHash).toEqual(byHeight)
    expect(byHash.height).toBe(3)
    expect(byHash.commit.precommits).toBe(1)
  })

  it('list blocks without a gap, page after page, down to the first', async () => {
    const first = (await api.get('/api/blocks?limit=3')).json.blocks.map((block: { height: number }) => block.height)
    const next = (await api.get(`/api/blocks?limit=100&before=${first[2]}`)).json.blocks
    expect(next.map((block: { height: number }) => block.height)).toEqual(
      Array.from({ length: first[2] - 1 }, (_, i) => first[2] - 1 - i),
    )
  })

  it('tell every version of a model with the score that the ledger gave it', async () => {
    const { history, version, evaluation } = (await api.get('/api/models/tiny')).json
    expect(history.map((point: { version: number }) => point.version)).toEqual(
      Array.from({ length: history.length }, (_, i) => i),
    )
    const now = history.find((point: { version: number }) => point.version === version)
    expect(now).toMatchObject({ accuracy: evaluation.accuracy, loss: evaluation.loss })
    expect(history[1].updates).toBeGreaterThan(0)
    expect(history[1].height).toBeGreaterThan(0)
  })

  it('show always the same held-out samples, each with probabilities and the label they point at', async () => {
    const { samples } = (await api.get('/api/models/tiny/samples')).json
    const again = (await api.get('/api/models/tiny/samples')).json.samples
    expect(samples).toHaveLength(40)
    expect(again.map((sample: { index: number }) => sample.index)).toEqual(
      samples.map((sample: { index: number }) => sample.index),
    )
    for (const { pixels, confidence, predicted } of samples) {
      expect(Buffer.from(pixels, 'base64')).toHaveLength(16)
      expect(confidence.reduce((a: number, b: number) => a + b)).toBeCloseTo(1)
      expect(confidence[predicted]).toBe(Math.max(...confidence))
    }
  })

  it('tell what became of every update, page after page, and of each its whole course', async () => {
    type Row = { round: number; unit: number; outcome: string; reward: string; trainer: string }
    const whole = (await api.get('/api/models/tiny/updates?limit=200')).json
    const rounds = whole.updates.map(({ round }: Row) => round)
    expect(rounds).toEqual(rounds.toSorted((a: number, b: number) => b - a))
    const paged: Row[] = []
    for (let before: string | null = `${'9'.repeat(16)}`; before !== null; ) {
      const page: { updates: Row[]; before: string | null } = (
        await api.get(`/api/models/tiny/updates?limit=2&before=${encodeURIComponent(before)}`)
      ).json
      paged.push(...page.updates)
      before = page.before
    }
    const namesOf = (rows: Row[]) => rows.map(({ round, unit }) => `${round}/${unit}`)
    // More may have begun between the two looks.
    expect(namesOf(paged).slice(-whole.updates.length).sort()).toEqual(expect.arrayContaining(namesOf(whole.updates)))
    const first = (await api.get(`/api/models/tiny/updates/1/${node.address}/0`)).json
    expect(first).toMatchObject({ outcome: 'accepted', sealed: false, revealed: true, phase: null, dispute: null })
    expect(first.lossBefore).toBeGreaterThan(0)
    expect(first.bitsPerParameter).toBeCloseTo((first.bytes * 8) / node.state.models.get('tiny')!.parameterCount)
    expect(first.complete).toBe(true)
    const types = first.course.map(({ type }: { type: string }) => type)
    expect(types.slice(0, 2)).toEqual(['commit', 'reveal'])
    expect(types).toEqual(expect.arrayContaining(['open', 'unit-reward', 'update']))
    const paid = first.course.find(({ type }: { type: string }) => type === 'unit-reward')
    expect(paid.amount).toBe(first.reward)
    const commit = (await api.get(`/api/transactions/${first.transaction}`)).json.action
    expect(commit).toMatchObject({ type: 'commit', seal: first.seal, commitment: first.commitment })
    expect(first.payload).toMatch(/^[0-9a-f]{64}$/)
    expect((await api.get(`/api/models/tiny/updates/1/${network.keys(99).address}/0`)).status).toBe(404)
    expect((await api.get('/api/models/nobody/updates')).status).toBe(404)
  })

  it('keep an update’s claims sealed until it is opened, and tell of a round that settles behind the next', async () => {
    const open = await eventually('an update under way', async () => {
      const { updates } = (await api.get('/api/models/tiny/updates')).json
      return updates.find(
        ({ outcome, sealed }: { outcome: string; sealed: boolean }) => outcome === 'pending' && sealed,
      )
    })
    expect(open).toMatchObject({ lossBefore: null, lossAfter: null, height: null, reward: '0' })
    await eventually('both rounds', async () => {
      const { round, phase, settling } = (await api.get('/api/models/tiny')).json
      return settling !== null && settling.round === round - 1 && ['work', 'reveal', 'base'].includes(phase)
    })
    expect((await api.get('/api/disputes')).json).toEqual({ open: 0, disputes: [], before: null })
  })

  it('describe every route, with its parameters and answers, in OpenAPI', async () => {
    const document = (await api.get('/api/openapi.json')).json
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe(version)
    for (const route of api.server.routes) {
      const operation = document.paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()]
      expect(operation, route.path).toBeDefined()
      expect(operation.security !== undefined, route.path).toBe(route.secret)
      const named = operation.parameters?.filter((one: { in: string }) => one.in === 'path') ?? []
      expect(named.map((one: { name: string }) => `:${one.name}`)).toEqual(route.path.match(/:\w+/g) ?? [])
      const [content] = Object.values(operation.responses['200'].content) as { schema: { type: string } }[]
      expect(content!.schema.type, route.path).toMatch(/object|string/)
    }
  })

  it('give metrics that Prometheus can parse, with the height and the peers', async () => {
    const { text, headers } = await api.get('/metrics')
    expect(headers['content-type']).toContain('text/plain')
    const samples = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    for (const line of samples) expect(line).toMatch(/^[a-z_]+(\{[a-zA-Z]+="[^"]*"(,[a-zA-Z]+="[^"]*")*\})? \S+$/)
    for (const line of samples) expect(Number(line.split(' ').at(-1))).not.toBeNaN()
    const numberOf = (name: string) =>
      Number(
        samples
          .find(line => line.startsWith(`${name} `))
          ?.split(' ')
          .at(-1),
      )
    expect(numberOf('hydra_height')).toBeGreaterThan(1)
    expect(numberOf('hydra_peers')).toBe(0)
    expect(numberOf('hydra_earned_total{for="precommits"}')).toBeGreaterThan(0)
    expect(numberOf('hydra_updates_total{outcome="accepted"}')).toBeGreaterThan(0)
    expect(numberOf('hydra_disputes{question="findings"}')).toBe(0)
    expect(numberOf('hydra_training_share')).toBeGreaterThan(0)
  })
})

describe('money', () => {
  it('adds up: entries, totals, balance and stake are the same sum, as the ledger has it', async () => {
    await eventually('a unit reward', async () => parseAmount((await api.get('/api/training')).json.earned) > 0n)
    const account = (await api.get(`/api/accounts/${node.address}?limit=1000`)).json
    expect(account).toMatchObject({ complete: true, entriesBefore: null })
    const sum = (account.entries as { amount: string }[]).reduce((all, { amount }) => all + microOf(amount), 0n)
    const bound = (account.unbonding as { amount: string }[]).reduce((all, { amount }) => all + parseAmount(amount), 0n)
    const owned = parseAmount(account.balance) + parseAmount(account.stake) + bound
    expect(account).toMatchObject({ since: 0, lowest: 1, totals: { opening: '0' } })
    expect(formatAmount(sum)).toBe(formatAmount(owned))
    const by = (name: string): Micro => parseAmount(account.totals[name])
    const paid = ['units', 'verdicts', 'replays', 'bounties', 'blocks', 'precommits', 'tips']
    const rewards = paid.reduce((all, name) => all + by(name), 0n)
    expect(account.earned).toBe(formatAmount(rewards))
    expect(by('genesisStake') + rewards + by('received') - by('sent') - by('fees') - by('slashed')).toBe(owned)
    expect(by('units')).toBeGreaterThan(0n)
    const inLedger = node.state.accounts.get(node.address)!
    if (node.chain.height === account.height) expect(inLedger.balance + inLedger.stake).toBe(owned)
  })

  it('has a statement whose pages put together are the whole', async () => {
    const top = (await api.get(`/api/accounts/${node.address}?limit=1000`)).json
    const paged: unknown[] = []
    for (let before: number | null = top.height + 1; before !== null; ) {
      const page = (await api.get(`/api/accounts/${node.address}?limit=7&before=${before}`)).json
      paged.push(...page.entries)
      before = page.entriesBefore
    }
    expect(paged).toEqual(top.entries)
  })

  it('moves on request, once, and both statements show the transaction', async () => {
    const to = network.keys(7).address
    const sent = await api.post('/api/wallet/send', { to, amount: '0.25', memo: 'for the soup' })
    expect(sent.status, sent.text).toBe(200)
    const id = sent.json.transaction
    const pending = (await api.get(`/api/transactions/${id}`)).json
    expect(pending.action).toMatchObject({ type: 'transfer', to, amount: '0.25', memo: 'for the soup' })
    await eventually('the block', async () => (await api.get(`/api/transactions/${id}`)).json.status === 'committed')
    const receiver = await eventually('the entry', async () => {
      const account = (await api.get(`/api/accounts/${to}`)).json
      return account.entries.length > 0 && account
    })
    expect(receiver).toMatchObject({ balance: '0.25', earned: '0' })
    expect(receiver.entries).toMatchObject([{ amount: '0.25', transaction: id, type: 'transfer' }])
    const mine = (await api.get(`/api/accounts/${node.address}`)).json
    expect(mine.entries.filter((entry: { transaction: string }) => entry.transaction === id)).toMatchObject([
      { amount: '-0.25' },
    ])
  })

  it('can be staked', async () => {
    const before = parseAmount((await api.get('/api/wallet', { authorization })).json.stake)
    await eventually('a balance', async () => node.state.accounts.get(node.address)!.balance > 2_000_000n)
    expect((await api.post('/api/wallet/stake', { amount: '0.5' })).status).toBe(200)
    await eventually('the stake', () => node.state.accounts.get(node.address)!.stake === before + 500_000n)
  })

  it('can be taken back from the stake, and comes free when its time has come', async () => {
    const unstake = (amount: string) => api.post('/api/wallet/unstake', { amount })
    const { stake } = node.state.accounts.get(node.address)!
    const much = await unstake(formatAmount(stake + 1n))
    expect(much.json.error).toMatchObject({ code: 'STAKE_TOO_LOW' })
    const nearlyAll = await unstake(formatAmount(stake - 1n))
    expect(nearlyAll.json.error.message).toContain('below the least stake of 1 HYDRA')
    const sent = await unstake('2')
    expect(sent.status, sent.text).toBe(200)
    // What is on its way counts: only what would still be there can be taken back.
    expect((await unstake(formatAmount(stake - 1_000_000n))).json.error).toMatchObject({ code: 'STAKE_TOO_LOW' })
    const bound = await eventually('the unbonding', async () => {
      const account = (await api.get(`/api/accounts/${node.address}`)).json
      return account.unbonding.length > 0 && account
    })
    expect(bound.stake).toBe(formatAmount(stake - 2_000_000n))
    const [{ amount, releaseAt, releaseTime }] = bound.unbonding
    expect({ amount, later: releaseTime > Date.now() }).toEqual({ amount: '2', later: true })
    expect((await api.get('/api/wallet', { authorization })).json.unbonding).toBe('2')
    await eventually('its end', () => node.chain.height >= releaseAt)
    const events = (await api.get(`/api/blocks/${releaseAt}`)).json.events
    expect(events).toContainEqual(expect.objectContaining({ type: 'unbond', amount: '2', account: node.address }))
    expect(node.state.unbondings.size).toBe(0)
  })

  it('that is not there is not sent, nor what is on its way already', async () => {
    const to = network.keys(8).address
    const more = await api.post('/api/wallet/send', { to, amount: '1000000' })
    expect(more.status).toBe(400)
    expect(more.json.error).toMatchObject({ code: 'BALANCE_TOO_LOW' })
    expect(more.json.error.message).toMatch(/^You have [\d.]+ HYDRA to spend.*not enough for 1000000\.$/)
    const { balance } = (await api.get('/api/wallet', { authorization })).json
    const answers = await Promise.all([1, 2, 3].map(() => api.post('/api/wallet/send', { to, amount: balance })))
    expect(answers.filter(answer => answer.status === 200).length).toBeLessThan(2)
  })

  it('is refused for what was mistyped, each time with a sentence that says what', async () => {
    const to = network.keys(8).address
    const cases: [unknown, string][] = [
      [{ to: `${to.slice(0, -1)}${to.endsWith('0') ? '1' : '0'}`, amount: '1' }, 'ADDRESS_INVALID'],
      [{ to: 'bob', amount: '1' }, 'ADDRESS_INVALID'],
      [{ to, amount: '1e3' }, 'AMOUNT_INVALID'],
      [{ to, amount: '-1' }, 'AMOUNT_INVALID'],
      [{ to, amount: '0' }, 'AMOUNT_INVALID'],
      [{ to, amount: '0.0000001' }, 'AMOUNT_INVALID'],
      [{ to, amount: '0.1', memo: 'ö'.repeat(33) }, 'MEMO_INVALID'],
      [{ to, amount: '0.1', memo: 'a\u0007' }, 'MEMO_INVALID'],
      [{ to: node.address, amount: '0.1' }, 'SEND_TO_SELF'],
      [{ to, amount: '0.1', extra: 1 }, 'REQUEST_INVALID'],
      [{ to }, 'REQUEST_INVALID'],
      [[], 'REQUEST_INVALID'],
    ]
    for (const [body, code] of cases) {
      const answer = await api.post('/api/wallet/send', body)
      expect(answer.status, JSON.stringify(body)).toBe(400)
      expect(answer.json.error.code, JSON.stringify(body)).toBe(code)
      expect(answer.json.error.message).toMatch(/^\S.*\.$|^\w+: /)
    }
  })
})

describe('the committee', () => {
  it('is told with the power of each, and when the next one is drawn; the draw is an event', async () => {
    const answer = (await api.get('/api/committee')).json
    expect(answer.members).toMatchObject([{ address: node.address, self: true, share: 1, why: 'can be drawn again' }])
    expect(answer).toMatchObject({ staked: 1, others: [], othersLeftOut: 0, epochBlocks: 5, self: { member: true } })
    expect(answer.nextDraw % 5).toBe(0)
    expect(answer.nextDraw).toBeGreaterThan(answer.height)
    expect(answer.nextDraw).toBeLessThanOrEqual(answer.height + 5)
    expect(answer.epoch).toBe(answer.nextDraw / 5)
    const drawn = (await api.get(`/api/blocks/5`)).json.events.find((one: { type: string }) => one.type === 'epoch')
    expect(drawn.text).toBe('The committee of epoch 2 was drawn: 1 of 1 candidates')
  })
})

describe('proofs', () => {
  const bytes = (hex: string) => fromHex(hex as never)

  it('of an account, of none, and of a reward lead to a header that the light client believes', async () => {
    const proof = (await api.get(`/api/proof/account/${node.address}`)).json
    const light = (await api.get(`/api/light/${proof.height}`)).json
    const block = decode(lightBlockCodec, bytes(light.lightBlock))
    expect(trustBlock(block, proof.hash).height).toBe(proof.height)
    expect(light.header.height).toBe(proof.height)
    const account = verifyAccount(block.header, decode(accountProofCodec, bytes(proof.proof)))
    expect(formatAmount(account!.stake)).toBe(proof.account.stake)

    const nobody = (await api.get(`/api/proof/account/${network.keys(99).address}`)).json
    const at = decode(lightBlockCodec, bytes((await api.get(`/api/light/${nobody.height}`)).json.lightBlock))
    expect(verifyAccount(at.header, decode(accountProofCodec, bytes(nobody.proof)))).toBeNull()
    expect(nobody.account).toBeNull()

    const reward = (await api.get('/api/proof/reward/3/0')).json
    const third = decode(lightBlockCodec, bytes((await api.get('/api/light/3')).json.lightBlock))
    expect(verifyEvent(third.header, decode(eventProofCodec, bytes(reward.proof)))).toMatchObject({
      type: reward.event.type,
    })
    expect(() => verifyEvent(at.header, decode(eventProofCodec, bytes(reward.proof)))).toThrow('proof')
    expect((await api.get('/api/proof/reward/3/100000')).status).toBe(404)
    expect((await api.get('/api/light/0')).status).toBe(404)
  })
})

describe('a tip', () => {
  it('is paid by who sends, told in both statements, and counted', async () => {
    const sent = await eventually('enough money', async () => {
      const answer = await api.post('/api/wallet/send', { to: network.keys(7).address, amount: '0.1', tip: '0.02' })
      return answer.status === 200 ? answer : undefined
    })
    const path = `/api/transactions/${sent.json.transaction}`
    expect((await api.get(path)).json.tip).toBe('0.02')
    const final = await eventually('the block', async () => {
      const { json } = await api.get(path)
      return json.status === 'committed' && json
    })
    // The only validator pays it to itself.
    expect(final.events).toContainEqual(expect.objectContaining({ type: 'tip', amount: '0.02', account: node.address }))
    const { totals } = await eventually('the index', async () => {
      const { json } = await api.get(`/api/accounts/${node.address}`)
      return json.height >= final.height && json
    })
    expect(totals.tips).toBe('0.02')
    const much = await api.post('/api/wallet/send', { to: network.keys(7).address, amount: '0.1', tip: '1000000' })
    expect(much.json.error).toMatchObject({ code: 'BALANCE_TOO_LOW' })
  })
})

describe('pausing', () => {
  it('stops the training, says so, and is undone', async () => {
    expect((await api.post('/api/node/pause', {})).json).toEqual({ paused: true })
    expect((await api.get('/api/status')).json).toMatchObject({
      state: 'paused',
      paused: true,
      reason: 'You paused training on this node. It still votes on blocks and checks the work of others.',
    })
    expect((await api.send('POST', '/api/node/resume', { headers: { authorization } })).json).toEqual({ paused: false })
    expect((await api.get('/api/status')).json.paused).toBe(false)
  })
})

describe('a request that should not be', () => {
  it('is refused on every route, whatever the method or the garbage, and the server lives on', async () => {
    const garbage = ['%ff', '..%2f..%2fetc%2fpasswd', 'x'.repeat(500), '%00', '-1', '1e9', "'--", '{}', '🐙']
    for (const route of api.server.routes) {
      const taken = api.server.routes.filter(({ path }) => path === route.path).map(({ method }) => method)
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', route.method === 'GET' ? 'POST' : 'GET']) {
        if (taken.includes(method as 'GET' | 'POST')) continue
        const answer = await api.send(method, await pathOf(route.path), { headers: { authorization } })
        expect(answer.status, `${method} ${route.path}`).toBe(405)
        expect(answer.json.error.code).toBe('METHOD_WRONG')
      }
      if (route.path.includes(':'))
        for (const word of garbage) {
          const path = encodeURI(route.path.replace(/:\w+/, word)).replace(/%25/g, '%')
          const answer = await api.get(path)
          expect([400, 404, 414], `${path} ${answer.status}`).toContain(answer.status)
          expect(answer.json.error.message, path).toBeTruthy()
        }
      if (route.query) {
        const answer = await api.get(`${await pathOf(route.path)}?limit=x&surprise=1`, { authorization })
        expect(answer.status, route.path).toBe(400)
      }
      if (route.body)
        for (const body of [
          '{',
          '[1',
          'null!',
          '{"__proto__":{"a":1}}',
          '"text"',
          '7',
          `{"a":"${'x'.repeat(5_000)}"}`,
        ]) {
          const answer = await api.post(route.path, body)
          expect([400, 413], `${route.path} ${body.slice(0, 30)}`).toContain(answer.status)
          expect(answer.json.error.code).toMatch(/^REQUEST_/)
        }
    }
    expect((await api.get('/api/status')).status).toBe(200)
  })

  it('is refused for a body that is not JSON', async () => {
    const headers = { authorization, 'content-type': 'text/plain' }
    const answer = await api.send('POST', '/api/wallet/stake', { headers, body: '{"amount":"1"}' })
    expect(answer.status).toBe(415)
    expect(answer.json.error.code).toBe('TYPE_REFUSED')
  })

  it('is answered with 404 for ids that are well formed and unknown', async () => {
    const nobody = 'ab'.repeat(32)
    for (const path of [
      `/api/blocks/${nobody}`,
      `/api/transactions/${nobody}`,
      '/api/models/gpt',
      '/api/nothing',
      '/x',
    ])
      expect((await api.get(path)).status, path).toBe(404)
    expect((await api.get('/api/blocks/999999999')).status).toBe(404)
    expect((await api.get('/api/blocks/0')).status).toBe(404)
  })

  it('is answered like an error when it is no HTTP, and with a limit when its head is too large', async () => {
    expect(await raw(api.port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*REQUEST_INVALID/s)
    const large = `GET /api/status HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    expect(await raw(api.port, large)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect((await api.get('/api/status')).status).toBe(200)
  })
})

describe('other sites', () => {
  it('are refused by the name they call this node, on every route', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io:80', '0.0.0.0', '192.168.1.2:80']) {
      for (const path of ['/', '/api/status', '/api/events', '/metrics', '/nothing']) {
        const answer = await api.get(path, { host })
        expect(answer.status, `${host} ${path}`).toBe(403)
        expect(answer.json.error.code).toBe('HOST_REFUSED')
      }
    }
    for (const host of ['localhost', `localhost:${api.port}`, '127.0.0.1:1', '[::1]:80'])
      expect((await api.get('/api/status', { host })).status, host).toBe(200)
  })

  it('are refused by their origin, even with the token', async () => {
    const headers = { origin: 'https://evil.example', authorization }
    const answer = await api.send('POST', '/api/node/pause', { headers })
    expect(answer.status).toBe(403)
    expect(answer.json.error.code).toBe('ORIGIN_REFUSED')
    expect(node.paused).toBe(false)
    expect((await api.get('/api/status', { origin: api.url })).status).toBe(200)
  })

  it('may not read, frame or feed the page: no CORS, a policy of its own content only', async () => {
    for (const path of ['/api/status', '/nothing', '/metrics']) {
      const { headers } = await api.get(path)
      expect(headers['access-control-allow-origin'], path).toBeUndefined()
      expect(headers['content-security-policy'], path).toContain("default-src 'self'")
      expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'")
      expect(headers['x-content-type-options'], path).toBe('nosniff')
    }
  })
})

describe('the token', () => {
  it('is needed, whole and right, wherever something is spent or changed or private', async () => {
    const wrong = [
      undefined,
      'Bearer',
      'Bearer ',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      TOKEN,
      `Basic ${TOKEN}`,
    ]
    const secret = api.server.routes.filter(route => route.secret)
    expect(secret.map(route => route.path)).toEqual(
      expect.arrayContaining(['/api/wallet', '/api/wallet/send', '/api/wallet/stake', '/api/node/pause']),
    )
    for (const { method, path } of secret)
      for (const value of wrong) {
        const headers = value === undefined ? {} : { authorization: value }
        const answer = await api.send(method, path, { headers })
        expect(answer.status, `${path} ${value}`).toBe(401)
        expect(answer.json.error.code).toBe('TOKEN_WRONG')
      }
  })

  it('is asked of every route that is no GET', () => {
    for (const route of api.server.routes) if (route.method !== 'GET') expect(route.secret, route.path).toBe(true)
  })
})

describe('the port', () => {
  it('that is taken gives an error that says so and what to do', async () => {
    const refused = await network.serve(node, { port: api.port }).then(
      () => null,
      error => error,
    )
    expect(refused).toBeInstanceOf(HydraError)
    expect(refused).toMatchObject({ code: 'PORT_IN_USE', advice: expect.stringContaining('another port') })
    expect(refused.message).toContain(String(api.port))
  })
})

function microOf(text: string): Micro {
  return text.startsWith('-') ? -parseAmount(text.slice(1)) : parseAmount(text)
}

/** Sends bytes to a port and gives what comes back until the other side closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', data => {
      answer += data
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
