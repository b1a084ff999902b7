import { type Codec, decode, encode, HydraError, type Signature, verifySignature } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  attackBy,
  digestOf,
  discloseOf,
  MODEL,
  mismatchAt,
  person,
  publishOf,
  queryOf,
  signedPrecommit,
  verdictOf,
  World,
  workOf,
} from '../../test/world.ts'
import type { Action } from './action.ts'
import { checkTransaction } from './apply.ts'
import {
  hasValidSignature,
  MAX_TRANSACTION_BYTES,
  maxBytesFor,
  noteSignature,
  type SignedTransaction,
  signatureClaim,
  signedTransactionCodec,
  signTransaction,
  transactionBytes,
  transactionId,
} from './transaction.ts'

/** Whatever dag-cbor can hold, unchecked. */
const raw: Codec<unknown> = { toWire: value => value, fromWire: wire => wire }

const chainId = 'hydra-0badcafe'
const alice = person('alice')
const bob = person('bob')
const place = { round: 1, unit: 0 }
const work = workOf(alice, 1, 0)
const { findings, challenge } = mismatchAt(alice, place, 2)
const evidence = {
  type: 'duplicate-vote' as const,
  a: signedPrecommit(chainId, bob, 3, null),
  b: signedPrecommit(chainId, bob, 3, digestOf('x')),
}
const actions: Action[] = [
  { type: 'transfer', to: bob.address, amount: 5n, memo: 'grüße' },
  { type: 'register', name: 'alice', work: new Uint8Array(8) },
  { type: 'stake', amount: 1_000_000n },
  work.commit,
  work.reveal,
  verdictOf(bob, alice, place),
  work.open,
  discloseOf(bob, alice, place, findings, challenge),
  { type: 'pick', ...place, model: MODEL, trainer: alice.address, index: 3 },
  { type: 'narrow', ...place, model: MODEL, trainer: alice.address, hashes: [digestOf('state')] },
  { type: 'evidence', evidence },
  { type: 'evidence', evidence: attackBy(new World(), [bob]) },
  { type: 'unstake', amount: 1n },
  { type: 'presence' },
  queryOf(new World().state, alice, bob),
  publishOf(),
]

describe('transactions', () => {
  it('have room for everything that can be found of the longest trace', () => {
    const hashes = (count: number, what: string) => Array.from({ length: count }, (_, i) => digestOf(`${what} ${i}`))
    const proof = hashes(6, 'proof')
    const replay = { segments: 64, keys: hashes(63, 'key'), mismatch: { type: 'trace' as const, segment: 63 } }
    const [before, after] = [digestOf('before'), digestOf('after')].map(leaf => ({ leaf, proof }))
    const longest = { type: 'trace' as const, segment: 63, before: before!, after: after!, hashes: hashes(32, 'state') }
    const model = 'm'.repeat(32)
    const far = { model, round: Number.MAX_SAFE_INTEGER, unit: 65_535 }
    const planted = { lossAfter: 1, proof: bob.prove(new Uint8Array(1)) }
    const open: Action = { ...work.open, ...far, keys: hashes(64, 'key'), planted }
    for (const action of [{ ...discloseOf(bob, alice, far, { ...findings, replay }, longest) }, open]) {
      const { length } = transactionBytes(signTransaction(bob, { chainId, nonce: 2 ** 50, tip: 1n << 60n, action }))
      expect(length).toBeLessThan(maxBytesFor(action))
    }
  })

  it('may have their signature checked elsewhere: the claim is what was signed, the answer is remembered', () => {
    const transaction = signTransaction(alice, { chainId, nonce: 7, action: actions[0]! })
    const { publicKey, message, signature } = signatureClaim(transaction)
    expect(verifySignature(publicKey, message, signature)).toBe(true)
    expect(verifySignature(bob.publicKey, message, signature)).toBe(false)
    noteSignature(transaction, false)
    expect(hasValidSignature(transaction)).toBe(false)
  })

  it.each(actions.map(action => [action.type, action] as const))(
    '%s survives the wire, signature and all',
    (_type, action) => {
      const transaction = signTransaction(alice, { chainId, nonce: 7, action })
      const bytes = transactionBytes(transaction)
      const read = decode(signedTransactionCodec, bytes)
      expect(read).toEqual(transaction)
      expect(hasValidSignature(read)).toBe(true)
      expect(transactionId(read)).toBe(transactionId(transaction))
      expect(bytes.length).toBeLessThanOrEqual(MAX_TRANSACTION_BYTES)
    },
  )

  it.each(actions.map(action => [action.type, action] as const))(
    '%s with any one field missing, unknown or of another kind is refused',
    (_type, action) => {
      const wire = decode(raw, transactionBytes(signTransaction(alice, { chainId, nonce: 7, action }))) as object
      for (const malformed of mutilations(wire)) {
        const refusal = expect.objectContaining({ code: 'CODEC_INVALID' })
        expect(() => decode(signedTransactionCodec, encode(raw, malformed))).toThrow(refusal)
      }
    },
  )

  it('are bound by their signature to chain, sender, nonce and action', () => {
    const signed = signTransaction(alice, { chainId, nonce: 1, action: actions[0]! })
    const forged: SignedTransaction[] = [
      { ...signed, chainId: 'hydra-00000000' },
      { ...signed, sender: bob.publicKey },
      { ...signed, nonce: 2 },
      { ...signed, action: { ...actions[0]!, amount: 6n } as Action },
      { ...signed, signature: `${signed.signature.slice(0, -2)}00` as Signature },
    ]
    expect(hasValidSignature(signed)).toBe(true)
    for (const transaction of forged) expect(hasValidSignature(transaction)).toBe(false)
  })

  it('decoding random bytes refuses and never throws anything else', () => {
    const valid = transactionBytes(signTransaction(alice, { chainId, nonce: 1, action: actions[0]! }))
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }), (position, noise) => {
        const bytes = valid.slice()
        bytes.set(noise.subarray(0, bytes.length - (position % bytes.length)), position % bytes.length)
        try {
          expect(encode(signedTransactionCodec, decode(signedTransactionCodec, bytes))).toEqual(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(HydraError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('checkTransaction', () => {
  const world = new World()
  const [founder] = world.founders
  const transfer: Action = { type: 'transfer', to: bob.address, amount: 1n, memo: '' }
  const check = (transaction: SignedTransaction, nonceAhead?: number) => () =>
    checkTransaction(world.state, transaction, nonceAhead === undefined ? {} : { nonceAhead })
  const code = (name: string) => expect.objectContaining({ code: name })

  it('tries the next one out in full and changes nothing', () => {
    const before = structuredClone(world.state.accounts)
    expect(check(world.sign(founder!, transfer))).toThrow(code('BALANCE_TOO_LOW'))
    expect(check(world.register(alice))).not.toThrow()
    expect(world.state.accounts).toEqual(before)
  })

  it('lets a known account run ahead by what is allowed, a stranger not at all', () => {
    expect(check(world.sign(founder!, transfer, 2), 2)).not.toThrow()
    expect(check(world.sign(founder!, transfer, 3), 2)).toThrow(code('NONCE_AHEAD'))
    expect(check(world.sign(founder!, transfer, 1))).toThrow(code('NONCE_AHEAD'))
    expect(check(world.sign(bob, transfer, 1), 2)).toThrow(code('NONCE_AHEAD'))
  })

  it('refuses another chain, a wrong signature and a used nonce', () => {
    const elsewhere = signTransaction(founder!, { chainId: 'hydra-00000000', nonce: 0, action: transfer })
    const signed = world.sign(founder!, transfer)
    expect(check(elsewhere)).toThrow(code('CHAIN_MISMATCH'))
    expect(check({ ...signed, nonce: 1 }, 5)).toThrow(code('SIGNATURE_INVALID'))
    world.next([world.register(alice)])
    expect(check(world.register(alice))).toThrow(code('ALREADY_REGISTERED'))
    const again = signTransaction(alice, { chainId, nonce: 0, action: transfer })
    expect(check(again, 5)).toThrow(code('NONCE_USED'))
  })
})

/** The same map with, at every depth, one field taken away, added, or replaced by a value of another kind. */
function* mutilations(value: object): Generator<object> {
  yield { ...value, unknown: 1 }
  for (const [name, inner] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))
    for (const wrong of [-1, 1.5, 'x'.repeat(65), new Uint8Array(9), [], {}, undefined, true, 2 ** 53]) {
      if (typeof wrong === typeof inner && typeof wrong === 'boolean') continue
      // An empty list is a list.
      if (Array.isArray(wrong) && Array.isArray(inner)) continue
      // A document is any bytes until the action is carried out.
      if (name === 'document' && wrong instanceof Uint8Array) continue
      if (wrong === undefined) continue
      yield { ...value, [name]: wrong }
    }
    if (typeof inner === 'object' && inner !== null && !(inner instanceof Uint8Array))
      for (const broken of mutilations(inner)) yield { ...value, [name]: broken }
  }
}
