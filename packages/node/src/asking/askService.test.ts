import { addressOf, encode, HydraError, hashOf, type KeyPair, keyPairFromSeed, utf8, ZERO_HASH } from '@hydraai/core'
import { type AskRequest, accountOf, senderOf } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HydraNode } from '../node.ts'
import type { AnswerFile } from './answerFile.ts'
import type { AskEvent } from './events.ts'
import { signedRequestCodec, signRequest } from './protocol.ts'
import { AskNetwork, ask, check, eventually, MODEL } from './testing/world.ts'
import { codeOf } from './words.ts'

const network = new AskNetwork({ founders: 2 })
const lying = new AskNetwork({ founders: 2 })
const failing = new AskNetwork({ founders: 2 })
let count = 0
let server: HydraNode
let asker: HydraNode
let victim: HydraNode
let honest: HydraNode

beforeAll(async () => {
  const lie = (tokens: readonly number[]) => tokens.map((token, i) => (i === 1 ? (token === 99 ? 100 : 99) : token))
  server = await network.node(0)
  asker = await network.node(1, { holdsModel: false })
  await lying.node(0, { tamper: { answer: lie } })
  victim = await lying.node(1)
  await failing.node(0, { tokenMs: 40 })
  honest = await failing.node(1)
  await Promise.all([asker, victim, honest].map(node => ready(node, 1)))
})
afterAll(async () => {
  for (const one of [network, lying, failing]) await one.close()
})

/** Rewards came in, and so many servers are known. */
function ready(node: HydraNode, servers: number): Promise<unknown> {
  return eventually('an asker with means and servers', () => {
    const hasMeans = accountOf(node.state, node.address).balance > 1_000_000n
    return hasMeans && node.asking.info()[0]!.servers >= servers
  })
}

const typesOf = (events: AskEvent[]) => events.map(event => event.type).filter((type, i, all) => type !== all[i - 1])
const textOf = (events: AskEvent[]) => events.map(event => (event.type === 'text' ? event.text : '')).join('')
const answerOf = (events: AskEvent[]): AnswerFile => {
  const end = events.find(event => event.type === 'end')
  if (end?.type !== 'end') throw new Error(`no answer came: ${JSON.stringify(events.at(-1))}`)
  return end.answer
}
const errorOf = (events: AskEvent[]) => {
  const last = events.at(-1)
  return last?.type === 'error' ? last : null
}

describe('asking', () => {
  it('streams the answer, pays for it once, and the payment and its receipt are in a block', async () => {
    const events = await ask(asker)
    expect(typesOf(events)).toEqual(['start', 'text', 'end', 'paid'])
    const [start] = events
    expect(start).toMatchObject({ model: MODEL, version: 3, server: server.address, serverName: 'node0', cost: '0.5' })
    const answer = answerOf(events)
    expect(answer.text).toBe(textOf(events))
    expect(answer.text).toBe(network.gpt.tokenizer.decode(answer.tokens))
    expect(answer.tokens.length).toBeGreaterThan(0)
    const paid = events.at(-1)
    if (paid?.type !== 'paid') throw new Error('not paid')
    const height = await eventually('a block with the payment', () =>
      server.chain.heightOfTransaction(paid.transaction),
    )
    const block = await server.chain.blockAt(height)
    const queries = block!.block.transactions.filter(({ action }) => action.type === 'query')
    expect(queries).toHaveLength(1)
    expect(senderOf(queries[0]!)).toBe(asker.address)
    expect(queries[0]!.action).toMatchObject({ request: answer.receipt.request, signature: answer.signature })
  })

  it('gives the same tokens for the same seed, and others for another', async () => {
    const drawn = { temperature: 2, seed: 'a' }
    const first = answerOf(await ask(asker, drawn))
    const again = answerOf(await ask(asker, drawn))
    const other = answerOf(await ask(asker, { ...drawn, seed: 'b' }))
    expect(again.tokens).toEqual(first.tokens)
    expect(again.receipt.request).not.toBe(first.receipt.request)
    expect(other.tokens).not.toEqual(first.tokens)
  })

  it('can be checked by anyone who holds the model: true as it is, and caught when a word was changed', async () => {
    const answer = answerOf(await ask(asker))
    expect(await check(network, answer)).toEqual({ result: 'true', reasons: [] })
    const tokens = [...answer.tokens]
    tokens[0] = tokens[0] === 99 ? 100 : 99
    expect((await check(network, { ...answer, tokens })).result).toBe('altered')
    expect((await check(network, { ...answer, text: 'No.' })).result).toBe('misquoted')
    const request = { ...answer.request, question: 'What is a lock?' }
    expect((await check(network, { ...answer, request })).result).toBe('altered')
  })

  it('refuses what nobody could answer, and says what to do', async () => {
    expect(errorOf(await ask(asker, { question: ' ' }))?.code).toBe('QUESTION_INVALID')
    expect(errorOf(await ask(asker, { question: 'x'.repeat(2_001) }))?.code).toBe('QUESTION_INVALID')
    expect(errorOf(await ask(asker, { maxTokens: 1_025 }))?.code).toBe('QUESTION_INVALID')
    expect(errorOf(await ask(asker, { topK: 0.5 }))?.code).toBe('QUESTION_INVALID')
    expect(errorOf(await ask(asker, { model: 'nothing' }))).toMatchObject({
      code: 'MODEL_NOT_ASKABLE',
      advice: `Models that can be asked: ${MODEL}.`,
    })
    const long = errorOf(await ask(asker, { question: 'zq '.repeat(60) }))
    expect(long?.code).toBe('NO_ANSWER')
    expect(long?.message).toContain('too long')
    expect(long?.advice).toContain('Nothing was paid')
  })

  it('ends without a payment when the asker stops it', async () => {
    // Of a server that takes its time: one that is done before it hears of the stop is owed for its answer.
    const stop = new AbortController()
    const events: AskEvent[] = []
    const asked = { question: 'What is a key?', maxTokens: 40, temperature: 3 }
    for await (const event of honest.asking.ask(asked, stop.signal)) {
      events.push(event)
      if (event.type === 'text') stop.abort()
    }
    expect(typesOf(events)).toEqual(['start', 'text'])
    expect(honest.asking.owed).toBe(0)
    // The server has let go of it: the next question is taken.
    await eventually('another answer', async () => errorOf(await ask(honest)) === null)
  })

  it('says what is missing: means, or a server, and what to do about it', async () => {
    const poor = await network.node(7, { holdsModel: false })
    expect(errorOf(await ask(poor))?.code).toBe('NOT_REGISTERED')
    await eventually('a registered newcomer', () => accountOf(poor.state, poor.address).registered)
    expect(errorOf(await ask(poor))).toMatchObject({ code: 'BALANCE_TOO_LOW' })
    expect(errorOf(await ask(poor))?.message).toBe('An answer costs 0.5 HYDRA, and you have 0 to spend.')
    // The only other node holds no model, so the one that does has nobody to ask.
    const nobody = errorOf(await ask(server))
    expect(nobody?.code).toBe('NO_SERVER')
    expect(nobody?.advice).toContain('--local')
  })
})

describe('a question that is not put as it should be', () => {
  it('is refused with a code, and the server goes on', async () => {
    const peer = await stranger('stranger')
    const good = signed()
    const refused = async (bytes: Uint8Array) => (await rawAsk(peer, bytes)).code
    expect(await refused(new Uint8Array())).toBe('ASK_MALFORMED')
    expect(await refused(encode(signedRequestCodec, good).subarray(1))).toBe('ASK_MALFORMED')
    expect(await refused(signedBytes({ chainId: 'hydra-0000beef' }))).toBe('ASK_WRONG_CHAIN')
    expect(await refused(signedBytes({ server: asker.address }))).toBe('ASK_WRONG_SERVER')
    expect(await refused(signedBytes({}, server.state.height + 1_000))).toBe('ASK_STALE')
    expect(await refused(signedBytes({}, Math.max(0, server.state.height - 20)))).toBe('ASK_STALE')
    expect(await refused(signedBytes({ model: 'nothing' }))).toBe('MODEL_NOT_SERVED')
    const nobody = keyPairFromSeed(new Uint8Array(32).fill(9))
    expect(await refused(signedBytes({ asker: nobody.address }, undefined, nobody))).toBe('ASKER_UNKNOWN')
    expect(await refused(signedBytes({}, undefined, nobody))).toBe('ASK_FORGED')
    const once = signedBytes({})
    expect((await rawAsk(peer, once)).code).toBe('none')
    expect(await refused(once)).toBe('ASK_REPLAYED')
    await peer.stop()
  })

  it('one at a time of each asker; who does not pay is refused from the 20th block on', async () => {
    const peer = await stranger('debtor')
    const [first, second] = await Promise.all([rawAsk(peer, signedBytes({})), rawAsk(peer, signedBytes({}))])
    expect([first.code, second.code].sort()).toEqual(['ASKER_BUSY', 'none'])
    const given = server.state.height
    await eventually('20 blocks', () => server.state.height > given + 22)
    expect((await rawAsk(peer, signedBytes({}))).code).toBe('ASKER_IN_DEBT')
    expect(errorOf(await ask(asker))?.message).toContain('has not paid for an earlier answer')
    await peer.stop()
  })

  /** A peer of the first network that is no node. */
  async function stranger(id: string): Promise<Network> {
    const peer = network.wires.network(id)
    await peer.start()
    await eventually('a connection', () => peer.peers().some(({ peerId }) => peerId === 'node0'))
    return peer
  }

  function signed(change: Partial<AskRequest> = {}, height = server.state.height, keys: KeyPair = network.keys(1)) {
    const request: AskRequest = {
      ...{ chainId: server.state.chainId, model: MODEL, asker: network.keys(1).address, server: server.address },
      nonce: hashOf(utf8(`${count++}`)),
      ...{ question: 'What is a key?', mode: 'answer', temperaturePpm: 0, topK: 0, topPPpm: 1_000_000 },
      ...{ seed: ZERO_HASH, maxTokens: 8 },
      ...change,
    }
    return signRequest(keys, request, height)
  }

  function signedBytes(...parts: Parameters<typeof signed>): Uint8Array {
    return encode(signedRequestCodec, signed(...parts))
  }

  async function rawAsk(peer: Network, bytes: Uint8Array): Promise<{ frames: number; code: string }> {
    const options = { timeoutMs: 5_000, idleMs: 2_000, maxFrameBytes: 1_024, maxTotalBytes: 65_536 }
    let frames = 0
    try {
      for await (const _ of peer.requestStream('node0', 'ask/1', bytes, options)) frames++
      return { frames, code: 'none' }
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      return { frames, code: codeOf(error) }
    }
  }
})

describe('a server that lies', () => {
  it('is paid for what it signed, and the file proves the lie', async () => {
    const events = await ask(victim)
    expect(typesOf(events)).toEqual(['start', 'text', 'end', 'paid'])
    const answer = answerOf(events)
    const verdict = await check(lying, answer)
    expect(verdict.result).toBe('lie')
    expect(verdict.reasons[0]).toContain('token 2 is')
    expect(addressOf(answer.serverKey)).toBe(lying.keys(0).address)
  })
})

describe('a server that dies midway', () => {
  it('ends in a clear message and is not paid', async () => {
    const events: AskEvent[] = []
    const asked = { question: 'What is a key?', maxTokens: 40, temperature: 3 }
    for await (const event of honest.asking.ask(asked, new AbortController().signal)) {
      events.push(event)
      if (event.type === 'text' && event.tokens === 2) failing.wires.crash('node0')
    }
    expect(typesOf(events)).toEqual(['start', 'text', 'error'])
    expect(errorOf(events)).toMatchObject({ code: 'ANSWER_BROKEN' })
    expect(errorOf(events)?.message).toBe('node0 went away before its answer was whole.')
    expect(errorOf(events)?.advice).toContain('Nothing was paid')
    expect(honest.asking.owed).toBe(0)
  })
})
