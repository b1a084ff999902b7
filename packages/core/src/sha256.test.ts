import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, toHex, utf8 } from './bytes.ts'
import { sha256Of } from './sha256.ts'

const reference = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

describe('SHA-256', () => {
  it.each([
    // FIPS 180-4's examples, and nothing at all.
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of %j is what the standard says', (text, digest) => {
    expect(toHex(sha256Of([utf8(text)]))).toBe(digest)
  })

  it('of every length up to several blocks agrees with another implementation', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = new Uint8Array(length).map((_, i) => i * 7 + length)
      expect(toHex(sha256Of([bytes]))).toBe(toHex(reference(bytes)))
    }
  })

  it('does not depend on how the message is cut, nor leaves anything for the next one', () => {
    const part = fc.uint8Array({ maxLength: 150 })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), part, (parts, other) => {
        const digest = sha256Of(parts)
        expect(toHex(digest)).toBe(toHex(reference(concatBytes(...parts))))
        sha256Of([other])
        expect(toHex(digest)).toBe(toHex(sha256Of(parts)))
      }),
    )
  })

  it('of a megabyte agrees too', () => {
    const bytes = new Uint8Array(1_000_001).map((_, i) => i >> 3)
    expect(toHex(sha256Of([bytes]))).toBe(toHex(reference(bytes)))
  })
})
