import { beforeEach, describe, expect, it } from 'vitest'
import type { Signature } from './brand.ts'
import { u32be, utf8 } from './bytes.ts'
import { sha256 } from './hash.ts'
import { keyPairFromSeed } from './keys.ts'
import { clearSignatureMemo, verifySignature, verifyVrf } from './verify.ts'

const [alice, bob] = ['alice', 'bob'].map(name => keyPairFromSeed(sha256(utf8(name)))) as [
  ReturnType<typeof keyPairFromSeed>,
  ReturnType<typeof keyPairFromSeed>,
]

describe('answers that are remembered', () => {
  beforeEach(clearSignatureMemo)

  it('are those of the same key, message and signature only, asked in whatever order', () => {
    const messages = [0, 1, 2].map(u32be)
    const signatures = [alice, bob].flatMap(keys => messages.map(message => keys.sign(message)))
    for (let again = 0; again < 3; again++) {
      for (const [k, keys] of [alice, bob].entries()) {
        for (const [m, message] of messages.entries()) {
          for (const [s, signature] of signatures.entries()) {
            expect(verifySignature(keys.publicKey, message, signature)).toBe(s === 3 * k + m)
          }
        }
      }
    }
  })

  it('do not blur the border between signature and message', () => {
    const message = utf8('a message')
    const signature = alice.sign(message)
    expect(verifySignature(alice.publicKey, message, signature)).toBe(true)
    const longer = `${signature}61` as Signature
    expect(verifySignature(alice.publicKey, message.subarray(1), longer)).toBe(false)
    expect(verifySignature(alice.publicKey, utf8(`${signature.slice(-2)}a message`), signature)).toBe(false)
  })

  it.each([
    ['an array', utf8('a message')],
    ['a Buffer, whose slices share its memory', Buffer.from('a message')],
  ])('stand when the message, %s, is changed in place after it was asked', (_, message) => {
    const signature = alice.sign(message)
    expect(verifySignature(alice.publicKey, message, signature)).toBe(true)
    message[0]! ^= 1
    expect(verifySignature(alice.publicKey, message, signature)).toBe(false)
    message[0]! ^= 1
    expect(verifySignature(alice.publicKey, message, signature)).toBe(true)
  })

  it('are as good for long messages, which are not remembered', () => {
    const message = new Uint8Array(5000)
    const signature = alice.sign(message)
    for (const expected of [true, false, true]) {
      message[4999] = expected ? 0 : 1
      expect(verifySignature(alice.publicKey, message, signature)).toBe(expected)
    }
  })

  it('cannot be changed by whoever got them', () => {
    const proof = alice.prove(utf8('x'))
    const first = verifyVrf(alice.publicKey, utf8('x'), proof)!
    const kept = first.slice()
    first.fill(0)
    expect(verifyVrf(alice.publicKey, utf8('x'), proof)).toEqual(kept)
  })
})
