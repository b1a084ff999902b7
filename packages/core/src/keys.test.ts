import { describe, expect, it } from 'vitest'
import type { PublicKey, Signature } from './brand.ts'
import { concatBytes, fromHex, toHex, utf8 } from './bytes.ts'
import { keyPairFromSeed, signBytes } from './keys.ts'
import { verifySignature } from './verify.ts'

// RFC 8032 section 7.1, tests 1 to 3: seed, public key, message, signature.
const VECTORS = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const

/** Order of the group, L of RFC 8032. */
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`)
}

describe('Ed25519', () => {
  it.each(VECTORS)('agrees with RFC 8032 for seed %s', (seed, publicKey, message, signature) => {
    const keys = keyPairFromSeed(fromHex(seed))
    expect(keys.publicKey).toBe(publicKey)
    expect(keys.sign(fromHex(message))).toBe(signature)
    expect(verifySignature(keys.publicKey, fromHex(message), signature as Signature)).toBe(true)
  })

  it('refuses a changed message, a changed signature and another key', () => {
    const [, publicKey, message, signature] = VECTORS[1]
    const verify = (key: string, text: string, sig: string) =>
      verifySignature(key as PublicKey, fromHex(text), sig as Signature)
    expect(verify(publicKey, '73', signature)).toBe(false)
    for (let i = 0; i < 64; i++) {
      const changed = fromHex(signature)
      changed[i]! ^= 1
      expect(verify(publicKey, message, toHex(changed))).toBe(false)
    }
    expect(verify(VECTORS[0][1], message, signature)).toBe(false)
  })

  it('refuses S + L, so that nobody can make a second signature of a first', () => {
    const [, publicKey, message, signature] = VECTORS[2]
    const bytes = fromHex(signature)
    let s = littleEndian(bytes.subarray(32)) + ORDER
    const shifted = new Uint8Array(32)
    for (let i = 0; i < 32; i++, s >>= 8n) shifted[i] = Number(s & 255n)
    expect(s).toBe(0n)
    const malleated = toHex(concatBytes(bytes.subarray(0, 32), shifted)) as Signature
    expect(verifySignature(publicKey as PublicKey, fromHex(message), malleated)).toBe(false)
  })

  it('refuses small-order keys, for which one signature would fit many messages', () => {
    const smallOrder = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ]
    const zero = '00'.repeat(32)
    for (const key of smallOrder) {
      for (const r of smallOrder) {
        for (let i = 0; i < 16; i++) {
          expect(verifySignature(key as PublicKey, Uint8Array.of(i), (r + zero) as Signature)).toBe(false)
        }
      }
    }
  })

  it('refuses a key whose encoding is not canonical', () => {
    // y = p + 1 is the identity written another way, y = 2^255 - 1 a point beyond p.
    for (const key of ['ee', 'ff'].map(low => `${low}${'ff'.repeat(30)}7f`)) {
      const signature = `01${'00'.repeat(63)}` as Signature
      expect(verifySignature(key as PublicKey, utf8('any'), signature)).toBe(false)
    }
  })

  it('answers false, and never throws, for keys and signatures of any shape', () => {
    const [, publicKey, message, signature] = VECTORS[1]
    for (const key of ['', 'zz'.repeat(32), publicKey.toUpperCase(), `${publicKey}00`]) {
      expect(verifySignature(key as PublicKey, fromHex(message), signature as Signature)).toBe(false)
    }
    for (const sig of ['', 'zz'.repeat(64), signature.toUpperCase(), signature.slice(2)]) {
      expect(verifySignature(publicKey as PublicKey, fromHex(message), sig as Signature)).toBe(false)
    }
  })
})

describe('keyPairFromSeed', () => {
  it('shows its secret in no property and no JSON, and signs no more once wiped', () => {
    const seed = fromHex(VECTORS[0][0])
    const keys = keyPairFromSeed(seed)
    expect(Object.keys(keys).sort()).toEqual(['address', 'prove', 'publicKey', 'sign', 'wipe'])
    expect(JSON.stringify(keys)).not.toContain(VECTORS[0][0])
    keys.wipe()
    expect(() => keys.sign(utf8('x'))).toThrow(expect.objectContaining({ code: 'KEY_WIPED' }))
    expect(toHex(seed)).toBe(VECTORS[0][0])
  })

  it('refuses a seed of another length', () => {
    expect(() => keyPairFromSeed(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
  })
})

describe('signBytes', () => {
  it('differs by chain, by kind of message and by payload', () => {
    const all = ['hydra-1', 'hydra-2'].flatMap(chain =>
      ['prevote', 'precommit'].flatMap(tag => ['a', 'b'].map(text => toHex(signBytes(chain, tag, utf8(text))))),
    )
    expect(new Set(all).size).toBe(8)
    expect(signBytes('hydra-1', 'prevote', utf8('x'))).toEqual(utf8('hydra/sign/1/prevote\0hydra-1\0x'))
  })

  it('refuses a chain id or tag that could blur the borders between the parts', () => {
    const invalid = expect.objectContaining({ code: 'SIGN_BYTES_INVALID' })
    expect(() => signBytes('a\0b', 'prevote', utf8(''))).toThrow(invalid)
    expect(() => signBytes('', 'prevote', utf8(''))).toThrow(invalid)
    expect(() => signBytes('hydra-1', 'pre\0vote', utf8(''))).toThrow(invalid)
  })
})
