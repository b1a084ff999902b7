import { randomBytes } from 'node:crypto'
import { proposalSignBytes, voteSignBytes } from '@hydraai/consensus'
import {
  address,
  encode,
  hash,
  hashOf,
  keyPairFromSeed,
  list,
  struct,
  text,
  uint,
  utf8,
  ZERO_HASH,
} from '@hydraai/core'
import { MAX_TRANSACTION_BYTES, signedTransactionCodec, signTransaction } from '@hydraai/ledger'
import { MAX_GOSSIP_BYTES } from '@hydraai/network'
import { consensusMessageCodec, GENESIS_PROTOCOL, transactionBatchCodec } from '@hydraai/node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../support/api.ts'
import { Attacker, shout, TOPICS } from '../support/attacker.ts'
import { eventually } from '../support/eventually.ts'
import { send } from '../support/http.ts'
import { makeWallet, type RunningNode, startNode } from '../support/node.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 60_000
/** Takes bytes and no JSON. */
const RAW_ROUTE = '/api/content'
const TEN_MEGABYTES = 10 * 1024 * 1024
/** What a flood of the same nonsense may add to the log. */
const MAX_LOG_LINES = 20
const PROTOCOLS = [
  ...['status/1', 'blocks/1', 'consensus/1', 'transactions/1', 'content/1', 'light/1', 'snapshots/1'],
  GENESIS_PROTOCOL,
]

/** What a peer says of itself, as it stands on the wire. */
const statusCodec = struct({
  chainId: text({ maxBytes: 64 }),
  genesis: hash,
  engine: hash,
  height: uint,
  hash,
  lowest: uint,
  name: text({ maxBytes: 32 }),
  address,
  activity: text({ maxBytes: 16 }),
  serves: list(text({ maxBytes: 32 }), { max: 64 }),
})

const workplace = new Workplace()
const attackers: Attacker[] = []
let node: RunningNode

beforeAll(async () => {
  makeWallet(workplace, 'victim')
  node = await startNode(workplace, 'victim', ['--found', '--models', 'mnist-cnn', '--block-interval', '500'])
}, 120_000)

afterEach(async () => {
  await Promise.all(attackers.splice(0).map(attacker => attacker.stop()))
})

afterAll(() => Promise.all(attackers.map(attacker => attacker.stop())))

async function attacker(...args: [] | [Parameters<typeof Attacker.meet>[1]]): Promise<Attacker> {
  const met = await Attacker.meet(node, ...args)
  attackers.push(met)
  return met
}

const garbage = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))
const rejectedOn = (topic: string) => node.api.metric('hydra_messages_total', `topic="${topic}"`, 'outcome="rejected"')
const acceptedOn = (topic: string) => node.api.metric('hydra_messages_total', `topic="${topic}"`, 'outcome="accepted"')
const refusedBy = (protocol: string) =>
  node.api.metric('hydra_requests_total', `protocol="${protocol}"`, 'outcome="refused"')

/** The node still answers, still makes blocks, has not stopped voting and has not been filling its log. */
async function expectToLive(linesBefore: number): Promise<void> {
  expect(node.program.exit).toBeNull()
  const height = await node.api.height()
  await eventually('blocks to go on', WAIT_MS, async () => (await node.api.height()) >= height + 2)
  expect(await node.api.metric('hydra_halted')).toBe(0)
  expect(node.program.stderr.length - linesBefore).toBeLessThanOrEqual(MAX_LOG_LINES)
}

describe('over libp2p', () => {
  test.each(TOPICS)(
    'garbage and messages that are too large on %s are rejected and counted',
    async topic => {
      const lines = node.program.stderr.length
      const before = { rejected: await rejectedOn(topic), accepted: await acceptedOn(topic) }
      const peer = await attacker()
      const messages = [garbage(1), garbage(500), garbage(20_000), garbage(MAX_GOSSIP_BYTES)]
      messages.push(encode(list(text({ maxBytes: 9 }), { max: 9 }), ['not', 'what', 'is', 'expected']))
      for (const message of messages) await peer.publish(topic, message)
      await eventually('every message to be rejected', WAIT_MS, async () => {
        return (await rejectedOn(topic)) >= before.rejected + messages.length
      })
      expect(await acceptedOn(topic)).toBe(before.accepted)
      await expectToLive(lines)
    },
    120_000,
  )

  test('transactions that are wrongly signed, of another chain or not covered never reach a block', async () => {
    const lines = node.program.stderr.length
    const before = await rejectedOn('transactions/1')
    const peer = await attacker()
    const { chainId } = await peer.genesis()
    const thief = keyPairFromSeed(garbage(32))
    const action = { type: 'transfer', to: thief.address, amount: 1_000_000n, memo: '' } as const
    const good = signTransaction(thief, { chainId, nonce: 0, action })
    const forged = [
      { ...good, signature: `00${good.signature.slice(2)}` as typeof good.signature },
      { ...good, sender: keyPairFromSeed(garbage(32)).publicKey },
      { ...good, action: { ...action, amount: 2_000_000n } },
      signTransaction(thief, { chainId: 'hydra-00000000', nonce: 0, action }),
    ]
    for (const transaction of [...forged, good]) {
      const bytes = encode(signedTransactionCodec, transaction)
      expect(bytes.length).toBeLessThan(MAX_TRANSACTION_BYTES)
      await peer.publish('transactions/1', encode(transactionBatchCodec, [bytes]))
    }
    await eventually('the forged ones to be rejected', WAIT_MS, async () => {
      return (await rejectedOn('transactions/1')) >= before + forged.length
    })
    await expectToLive(lines)
    const account = await node.api.get(`/api/accounts/${thief.address}`)
    expect(account).toMatchObject({ balance: '0', nonce: 0, entries: [] })
  }, 120_000)

  test('votes and proposals of somebody who is no validator, or in a name that is not his, are never accepted', async () => {
    const lines = node.program.stderr.length
    const accepted = await acceptedOn('consensus/1')
    const peer = await attacker()
    const { chainId } = await peer.genesis()
    const stranger = keyPairFromSeed(garbage(32))
    const received = await node.api.metric('hydra_messages_total', 'topic="consensus/1"')
    const { height } = (await node.api.status()).chain
    let sent = 0
    for (const validator of [stranger.address, node.ready.address]) {
      for (const at of [height, height + 1, height + 2, height + 1_000_000]) {
        const vote = { type: 'precommit', height: at, round: 0, valueId: hashOf(utf8('x')), validator } as const
        const proposal = { height: at, round: 0, valueId: ZERO_HASH, validRound: -1, proposer: validator }
        const votes = { ...vote, signature: stranger.sign(voteSignBytes(chainId, vote)) }
        const proposals = { ...proposal, signature: stranger.sign(proposalSignBytes(chainId, proposal)) }
        await peer.publish('consensus/1', encode(consensusMessageCodec, { type: 'vote', vote: votes }))
        const message = { type: 'proposal', proposal: proposals, block: garbage(300) } as const
        await peer.publish('consensus/1', encode(consensusMessageCodec, message))
        sent += 2
      }
    }
    await eventually('all of them to be judged', WAIT_MS, async () => {
      return (await node.api.metric('hydra_messages_total', 'topic="consensus/1"')) >= received + sent
    })
    expect(await acceptedOn('consensus/1')).toBe(accepted)
    await expectToLive(lines)
    expect((await node.api.block(height + 2)).proposer).toBe(node.ready.address)
  }, 120_000)

  test('a peer that goes on sending nonsense is put out, and others still get in', async () => {
    const lines = node.program.stderr.length
    const peer = await attacker()
    for (let i = 0; i < 40 && peer.connected; i++) await peer.publish('transactions/1', garbage(100)).catch(() => {})
    await eventually('the attacker to be disconnected', WAIT_MS, () => !peer.connected)
    expect((await (await attacker()).genesis()).chainId).toBe(node.ready.chainId)
    await expectToLive(lines)
  }, 120_000)

  test.each(PROTOCOLS)(
    'garbage and a request that is too large on %s are refused and counted',
    async protocol => {
      const lines = node.program.stderr.length
      const before = await refusedBy(protocol)
      const peer = await attacker()
      const answers = [await peer.request(protocol, garbage(TEN_MEGABYTES)), await peer.request(protocol, garbage(200))]
      expect(answers).not.toContain('answered')
      await eventually('both to be counted', WAIT_MS, async () => (await refusedBy(protocol)) >= before + 2)
      expect((await (await attacker()).genesis()).chainId).toBe(node.ready.chainId)
      await expectToLive(lines)
    },
    120_000,
  )

  test('a peer that claims blocks nobody has does not keep the node from its work', async () => {
    const lines = node.program.stderr.length
    let asked = 0
    const { chain, node: self } = await node.api.status()
    const claim = {
      chainId: chain.id,
      genesis: chain.genesis,
      engine: self.engine,
      height: chain.height + 1_000_000,
      hash: ZERO_HASH,
      lowest: 1,
      name: 'liar',
      address: keyPairFromSeed(garbage(32)).address,
      activity: 'synced',
      serves: [],
    }
    const limits = { maxRequestBytes: 100_000, maxResponseBytes: 100_000 }
    const liar = await attacker(network => {
      network.handle('status/1', limits, async () => encode(statusCodec, claim))
      network.handle('blocks/1', limits, async () => {
        asked++
        return encode(list(text({ maxBytes: 1 }), { max: 1 }), [])
      })
    })
    await eventually('the liar to be asked for its blocks', WAIT_MS, () => asked > 0)
    const round = await roundOf()
    await eventually('training to go on', WAIT_MS, async () => (await roundOf()) > round + 1)
    expect(liar.connected).toBe(true)
    expect((await node.api.status()).state).not.toBe('syncing')
    // Asked again now and then, not in a loop.
    expect(asked).toBeLessThan(60)
    await expectToLive(lines)
  }, 180_000)

  test('bytes that are no libp2p and no HTTP at all do no harm', async () => {
    const lines = node.program.stderr.length
    const p2p = Number(/\/tcp\/(\d+)/.exec(node.address)?.[1])
    const api = Number(new URL(node.ready.api).port)
    const shouts = [garbage(100_000), utf8('GET / HTTP/1.1\r\n\r\n'), utf8('\x16\x03\x01'), new Uint8Array(70_000)]
    for (const bytes of shouts) await Promise.all([shout(p2p, bytes), shout(api, bytes)])
    await expectToLive(lines)
  }, 120_000)
})

describe('over HTTP', () => {
  interface Operation {
    readonly method: string
    readonly path: string
    readonly secret: boolean
    readonly takesBody: boolean
  }
  let operations: Operation[]

  beforeAll(async () => {
    const { paths } = await node.api.get('/api/openapi.json')
    operations = Object.entries<Json>(paths).flatMap(([path, item]) =>
      Object.entries<Json>(item).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, 'x'),
        secret: operation.security !== undefined,
        takesBody: operation.requestBody !== undefined,
      })),
    )
    expect(operations.length).toBeGreaterThan(15)
    expect(operations.filter(({ secret }) => secret).length).toBeGreaterThanOrEqual(5)
  })

  const bearer = () => ({ authorization: `Bearer ${node.token}` })
  const json = { 'content-type': 'application/json' }

  test('every route refuses every other method, another host name and another site, and counts it', async () => {
    const lines = node.program.stderr.length
    const counted = () => node.api.metric('hydra_http_requests_total', 'status="4xx"')
    const before = await counted()
    let sent = 0
    for (const { path, method } of operations) {
      const taken = operations.filter(other => other.path === path).map(other => other.method)
      for (const wrong of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].filter(name => !taken.includes(name))) {
        expect([wrong, path, await statusOf(wrong, path, bearer())]).toEqual([wrong, path, 405])
        sent++
      }
      for (const headers of [{ host: 'evil.example' }, { origin: 'http://evil.example' }]) {
        expect([path, headers, await statusOf(method, path, { ...bearer(), ...headers })]).toEqual([path, headers, 403])
        sent++
      }
    }
    await eventually('all refusals to be counted', WAIT_MS, async () => (await counted()) >= before + sent)
    await expectToLive(lines)
  }, 180_000)

  test('what spends or tells secrets refuses a missing, a wrong and a misplaced token', async () => {
    const lines = node.program.stderr.length
    const before = await node.api.get('/api/wallet')
    const tokens = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: node.token },
      { cookie: `token=${node.token}` },
    ]
    for (const { method, path } of operations.filter(({ secret }) => secret)) {
      for (const headers of tokens) {
        const sent = { method, path, headers: { ...json, ...headers } }
        const body = method === 'POST' && { body: JSON.stringify({ to: node.ready.address, amount: '1' }) }
        const answer = await send(node.ready.api, { ...sent, ...body })
        expect([path, headers, answer.status]).toEqual([path, headers, 401])
      }
      expect((await send(node.ready.api, { method, path: `${path}?token=${node.token}` })).status).toBe(401)
    }
    expect((await node.api.get('/api/wallet')).nonce).toBeGreaterThanOrEqual(before.nonce)
    expect((await node.api.status()).paused).toBe(false)
    await expectToLive(lines)
  }, 120_000)

  test('bodies of ten megabytes, bad JSON and wrong shapes are refused by every route that takes JSON', async () => {
    const lines = node.program.stderr.length
    const bodies = ['{', '[]', '"text"', '{"amount":1}', '{"__proto__":{"a":1}}', `{"to":"${'x'.repeat(3_000)}"}`]
    for (const { method, path } of operations.filter(({ takesBody, path }) => takesBody && path !== RAW_ROUTE)) {
      const big = await send(node.ready.api, {
        method,
        path,
        headers: { ...json, ...bearer() },
        body: new Uint8Array(TEN_MEGABYTES).fill(32),
      })
      expect([path, [0, 413].includes(big.status)]).toEqual([path, true])
      for (const body of bodies) {
        const { status } = await send(node.ready.api, { method, path, headers: { ...json, ...bearer() }, body })
        expect([path, body, status]).toEqual([path, body, 400])
      }
      const form = { ...bearer(), 'content-type': 'text/plain' }
      expect((await send(node.ready.api, { method, path, headers: form, body: 'a=b' })).status).toBe(415)
    }
    await expectToLive(lines)
  }, 120_000)

  test('content is taken from the owner only, as bytes only, and not without end', async () => {
    const lines = node.program.stderr.length
    const raw = { method: 'POST', path: RAW_ROUTE, body: new Uint8Array(TEN_MEGABYTES) }
    const bytes = { 'content-type': 'application/octet-stream' }
    expect([0, 401]).toContain((await send(node.ready.api, { ...raw, headers: bytes })).status)
    expect([0, 400, 415]).toContain((await send(node.ready.api, { ...raw, headers: { ...json, ...bearer() } })).status)
    const declared = { ...bytes, ...bearer(), 'content-length': String(2 ** 30) }
    expect([0, 413]).toContain((await send(node.ready.api, { ...raw, headers: declared })).status)
    await expectToLive(lines)
  }, 120_000)

  test('nothing outside the page is served, however the path is written', async () => {
    const lines = node.program.stderr.length
    const files = ['etc/passwd', 'api-token', 'wallet.json', 'package.json', 'src/main.tsx']
    const climbs = [
      '/',
      '/../',
      '/..%2f..%2f',
      '/%2e%2e/%2e%2e/',
      '/assets/../../',
      '/..\\..\\',
      '/.%00/../',
      '//../../../../',
    ]
    for (const climb of climbs) {
      for (const file of files) {
        const { status, text } = await send(node.ready.api, { path: `${climb}${file}` })
        expect([climb, file, status >= 400 && status < 500]).toEqual([climb, file, true])
        for (const secret of [node.token, 'root:', '"phrase"', '"cost"', 'devDependencies'])
          expect([climb, file, text.includes(secret)]).toEqual([climb, file, false])
      }
    }
    const odd = ['/api/blocks/-1', '/api/blocks/1e9', '/api/blocks/99999999999999', '/api/blocks?limit=-1']
    odd.push(
      '/api/blocks?limit=1e99',
      '/api/accounts/0xnothing',
      '/api/models/..%2f..',
      `/api/models/${'m'.repeat(500)}`,
    )
    odd.push('/api/log?limit=1000000', '/api/status?unknown=1', `/api/${'x'.repeat(20_000)}`, '/api/transactions/zz')
    for (const path of odd) {
      const { status } = await send(node.ready.api, { path })
      expect([path.slice(0, 40), status >= 400 && status < 500]).toEqual([path.slice(0, 40), true])
    }
    await expectToLive(lines)
  }, 120_000)

  async function statusOf(method: string, path: string, headers: Record<string, string>): Promise<number> {
    return (await send(node.ready.api, { method, path, headers })).status
  }
})

async function roundOf(): Promise<number> {
  return (await node.api.get('/api/models')).models[0].round
}
