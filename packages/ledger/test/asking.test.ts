import { encode, type Hash, type KeyPair, keyPairFromSeed, type Signature, ZERO_HASH } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  type AskRequest,
  answerCodec,
  answerHash,
  hasValidReceipt,
  moneyOf,
  type Query,
  receiptOf,
  requestHash,
} from '../src/index.ts'
import { withWrites } from '../src/state/sortedTable.ts'
import { digestOf, MODEL, person, queryOf, World, withBalance } from './world.ts'

const PRICE = 500_000n
const code = (name: string) => expect.objectContaining({ code: name })

/** A world in which the first founder can pay for `answers` answers. */
function worldWith(answers: bigint): { world: World; asker: KeyPair; server: KeyPair; other: KeyPair } {
  const world = new World()
  const [asker, server, other] = world.founders as [KeyPair, KeyPair, KeyPair]
  return { world: withBalance(world, asker, answers * PRICE), asker, server, other }
}

function expectRefused(world: World, keys: KeyPair, action: Action, reason: string): void {
  const before = world.state
  expect(() => world.next([world.sign(keys, action)])).toThrow(code(reason))
  expect(world.state).toBe(before)
}

describe('query', () => {
  it('takes the price from the asker, burns its part and gives the rest to the server', () => {
    const { world, asker, server } = worldWith(1n)
    const { burnt } = world.state
    const before = world.account(server)!.balance
    const { events } = world.next([world.sign(asker, queryOf(world.state, asker, server))])
    const paid = events.filter(event => event.type === 'query-payment' || event.type === 'fee')
    expect(paid).toEqual([
      expect.objectContaining({ type: 'fee', account: asker.address, amount: 100_000n, credit: 0n }),
      expect.objectContaining({
        type: 'query-payment',
        account: server.address,
        from: asker.address,
        amount: 400_000n,
        model: MODEL,
        version: 0,
        tokens: 12,
      }),
    ])
    expect(world.account(asker)!.balance).toBe(0n)
    expect(world.account(server)!.balance - before).toBe(400_000n)
    expect(world.state.burnt - burnt).toBe(100_000n)
    const sum = paid.flatMap(moneyOf).reduce((total, entry) => total + entry.amount, 0n)
    expect(sum).toBe(-100_000n)
  })

  it('is refused without the balance for all of it, and nothing of it stays', () => {
    const { world, asker, server } = worldWith(1n)
    withBalance(world, asker, PRICE - 1n)
    expectRefused(world, asker, queryOf(world.state, asker, server), 'BALANCE_TOO_LOW')
  })

  it('is refused for an asker or a server that is not registered', () => {
    const { world, asker, server } = worldWith(1n)
    const stranger = person('stranger')
    withBalance(world, stranger, PRICE)
    expectRefused(world, stranger, queryOf(world.state, stranger, server), 'NOT_REGISTERED')
    expectRefused(world, asker, queryOf(world.state, asker, stranger), 'NOT_REGISTERED')
    expectRefused(world, asker, queryOf(world.state, asker, person('nobody')), 'NOT_REGISTERED')
  })

  it('is refused when the receipt is signed by another, is for another asker, chain or answer, or is its own', () => {
    const { world, asker, server, other } = worldWith(3n)
    const { state } = world
    const good = queryOf(state, asker, server)
    const foreign = queryOf({ ...state, chainId: 'hydra-00000000' }, asker, server)
    const refused: Query[] = [
      { ...good, signature: queryOf(state, asker, other).signature },
      { ...good, signature: asker.sign(new Uint8Array(3)) },
      { ...good, signature: '00'.repeat(64) as Signature },
      { ...queryOf(state, other, server) },
      { ...foreign },
      { ...good, tokens: good.tokens + 1 },
      { ...good, answer: digestOf('another') },
      { ...good, request: digestOf('another') },
      { ...good, server: other.address },
      queryOf(state, asker, asker),
    ]
    for (const action of refused) expectRefused(world, asker, action, 'RECEIPT_INVALID')
    world.next([world.sign(asker, good)])
  })

  it('is refused for parameters or a version that the chain does not know, and for a model that is not there', () => {
    const { world, asker, server } = worldWith(3n)
    const refused: [string, Query][] = [
      ['MODEL_UNKNOWN', queryOf(world.state, asker, server, { model: 'other' })],
      ['RECEIPT_INVALID', queryOf(world.state, asker, server, { version: 1 })],
      ['RECEIPT_INVALID', queryOf(world.state, asker, server, { parameters: digestOf('others') })],
    ]
    for (const [reason, action] of refused) expectRefused(world, asker, action, reason)
    const model = { ...world.state.models.get(MODEL)!, parameters: ZERO_HASH }
    world.state = { ...world.state, models: withWrites(world.state.models, new Map([[MODEL, model]])) }
    expectRefused(world, asker, queryOf(world.state, asker, server), 'MODEL_NOT_FOUNDED')
  })

  it('pays for an answer of a version that has been superseded since', () => {
    const { world, asker, server } = worldWith(1n)
    const query = queryOf(world.state, asker, server)
    const model = { ...world.state.models.get(MODEL)!, version: 1, parameters: digestOf('next') }
    world.state = { ...world.state, models: withWrites(world.state.models, new Map([[MODEL, model]])) }
    world.next([world.sign(asker, query)])
    expect(world.account(asker)!.balance).toBe(0n)
  })

  it('cannot be replayed: the transaction is used up, and nobody but its asker can pay with a receipt', () => {
    const { world, asker, server, other } = worldWith(3n)
    const transaction = world.sign(asker, queryOf(world.state, asker, server))
    world.next([transaction])
    expect(() => world.next([transaction])).toThrow(code('NONCE_USED'))
    withBalance(world, other, 5n * PRICE)
    expectRefused(world, other, queryOf(world.state, asker, server), 'RECEIPT_INVALID')
  })
})

describe('receipts', () => {
  it('are valid for exactly what was signed, by exactly who signed', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'd').map(person)
    const digest = fc.constantFrom('one', 'two', 'three').map(digestOf)
    const { state } = new World()
    const fields = fc.record({
      version: fc.nat(3),
      parameters: digest,
      request: digest,
      answer: digest,
      tokens: fc.nat(4),
    })
    fc.assert(
      fc.property(keys, keys, keys, fields, fields, (asker, server, signer, said, claimed) => {
        const query = queryOf(state, asker, server, said)
        const receipt = { ...receiptOf(state.chainId, asker.address, query), ...claimed }
        const same = signer.address === server.address && JSON.stringify(said) === JSON.stringify(claimed)
        expect(hasValidReceipt(receipt, query.signature, signer.publicKey)).toBe(same)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the names of a request and of an answer', () => {
  const keys = keyPairFromSeed(new Uint8Array(32))
  const request: AskRequest = {
    chainId: 'hydra-0badcafe',
    model: MODEL,
    asker: keys.address,
    server: person('server').address,
    nonce: digestOf('nonce'),
    question: 'What is machine learning?',
    mode: 'answer',
    temperaturePpm: 0,
    topK: 0,
    topPPpm: 1_000_000,
    seed: digestOf('seed'),
    maxTokens: 200,
  }

  it('change with every field', () => {
    const changes: Partial<AskRequest>[] = [
      { chainId: 'hydra-00000000' },
      { model: 'other' },
      { asker: request.server },
      { server: request.asker },
      { nonce: digestOf('x') },
      { question: 'what is machine learning?' },
      { mode: 'continue' },
      { temperaturePpm: 1 },
      { topK: 1 },
      { topPPpm: 1 },
      { seed: digestOf('x') },
      { maxTokens: 201 },
    ]
    const names = new Set<Hash>([request, ...changes.map(change => ({ ...request, ...change }))].map(requestHash))
    expect(names.size).toBe(changes.length + 1)
    const answers = [
      { tokens: [], ended: 'end' as const },
      { tokens: [1], ended: 'end' as const },
      { tokens: [1], ended: 'length' as const },
      { tokens: [1, 2], ended: 'end' as const },
    ]
    expect(new Set(answers.map(answerHash)).size).toBe(answers.length)
  })

  it('refuse what is beyond the limits', () => {
    const refused = (change: Partial<AskRequest>) =>
      expect(() => requestHash({ ...request, ...change })).toThrow(code('CODEC_INVALID'))
    refused({ question: 'é'.repeat(1001) })
    refused({ question: '\ud800' })
    refused({ maxTokens: 0 })
    refused({ maxTokens: 1025 })
    refused({ temperaturePpm: -1 })
    refused({ topPPpm: 1_000_001 })
    const long = { tokens: Array.from({ length: 1025 }, () => 1), ended: 'end' as const }
    expect(() => encode(answerCodec, long)).toThrow(code('CODEC_INVALID'))
    expect(() => answerHash({ tokens: [65_536], ended: 'end' })).toThrow(code('CODEC_INVALID'))
  })
})
