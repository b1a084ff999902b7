import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { PublicKey, VrfProof } from './brand.ts'
import { concatBytes, fromHex, toHex, utf8 } from './bytes.ts'
import { decode, encode } from './codec/codec.ts'
import { vrfProof } from './codec/scalars.ts'
import { keyPairFromSeed } from './keys.ts'
import { sodium } from './sodium.ts'
import { clearSignatureMemo, verifyVrf } from './verify.ts'

// RFC 9381 appendix B.3, examples 16 to 18: seed, alpha, pi, beta.
const VECTORS = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    '',
    '8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805',
    '90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '72',
    'f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02',
    'eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'af82',
    '9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e',
    '645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f',
  ],
] as const

/** Order of the group, L of RFC 8032. */
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n

/** 8, which takes every point into the subgroup of prime order. */
const SCALAR = Uint8Array.of(8, ...new Uint8Array(31))

const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
]

/** Whether the change to the proof's bytes is refused. */
function refuses(change: (proof: Uint8Array) => Uint8Array | undefined): boolean {
  const [seed, alpha, pi] = VECTORS[1]
  const bytes = fromHex(pi)
  const changed = toHex(change(bytes) ?? bytes)
  expect(changed).not.toBe(pi)
  return verifyVrf(keyPairFromSeed(fromHex(seed)).publicKey, fromHex(alpha), changed as VrfProof) === null
}

describe('the VRF', () => {
  beforeEach(clearSignatureMemo)

  it.each(VECTORS)('agrees with RFC 9381 for seed %s', (seed, alpha, pi, beta) => {
    const keys = keyPairFromSeed(fromHex(seed))
    expect(keys.prove(fromHex(alpha))).toBe(pi)
    expect(toHex(verifyVrf(keys.publicKey, fromHex(alpha), pi as VrfProof)!)).toBe(beta)
  })

  it('refuses a proof with any one bit changed', () => {
    for (let bit = 0; bit < 640; bit++) {
      const flip = (proof: Uint8Array) => proof.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(refuses(flip)).toBe(true)
    }
  })

  it('refuses s + L, so that nobody can make a second proof of a first', () => {
    expect(
      refuses(proof => {
        let s = BigInt(`0x${toHex(proof.slice(48).reverse())}`) + ORDER
        for (let i = 48; i < 80; i++, s >>= 8n) proof[i] = Number(s & 255n)
      }),
    ).toBe(true)
  })

  it('refuses a Gamma of small order or outside the curve, and a scalar of 0', () => {
    for (const gamma of [...SMALL_ORDER, 'ff'.repeat(32), `02${'00'.repeat(31)}`]) {
      expect(refuses(proof => concatBytes(fromHex(gamma), proof.subarray(32)))).toBe(true)
    }
    expect(refuses(proof => void proof.fill(0, 48))).toBe(true)
    expect(refuses(proof => void proof.fill(0, 32, 48))).toBe(true)
  })

  it('refuses a Gamma and a key that lie outside the subgroup of prime order', () => {
    const [seed, alpha, pi] = VECTORS[1]
    const { publicKey } = keyPairFromSeed(fromHex(seed))
    for (const torsion of SMALL_ORDER.slice(2).concat('00'.repeat(32))) {
      const shift = (point: Uint8Array) => sodium.crypto_core_ed25519_add(point, fromHex(torsion))
      expect(refuses(proof => concatBytes(shift(proof.subarray(0, 32)), proof.subarray(32)))).toBe(true)
      const shifted = toHex(shift(fromHex(publicKey))) as PublicKey
      expect(shifted).not.toBe(publicKey)
      expect(verifyVrf(shifted, fromHex(alpha), pi as VrfProof)).toBeNull()
      expect(() => sodium.crypto_scalarmult_ed25519_noclamp(SCALAR, fromHex(shifted))).toThrow()
    }
    expect(sodium.crypto_scalarmult_ed25519_noclamp(SCALAR, fromHex(publicKey))).toHaveLength(32)
  })

  it('refuses a key of small order, for which any Gamma could be proven', () => {
    const [, alpha, pi] = VECTORS[1]
    for (const key of [...SMALL_ORDER, 'ff'.repeat(32), `ee${'ff'.repeat(30)}7f`]) {
      expect(verifyVrf(key as PublicKey, fromHex(alpha), pi as VrfProof)).toBeNull()
      const zeros = `${SMALL_ORDER[1]}${'00'.repeat(48)}` as VrfProof
      expect(verifyVrf(key as PublicKey, fromHex(alpha), zeros)).toBeNull()
    }
  })

  it('refuses another input and another key, and gives them other outputs', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 80 }),
        fc.uint8Array({ maxLength: 80 }),
        (seedA, seedB, alpha, other) => {
          fc.pre(toHex(seedA) !== toHex(seedB) && toHex(alpha) !== toHex(other))
          const [a, b] = [keyPairFromSeed(seedA), keyPairFromSeed(seedB)]
          const proof = a.prove(alpha)
          expect(a.prove(alpha)).toBe(proof)
          const beta = verifyVrf(a.publicKey, alpha, proof)
          expect(beta).toHaveLength(64)
          expect(verifyVrf(a.publicKey, other, proof)).toBeNull()
          expect(verifyVrf(b.publicKey, alpha, proof)).toBeNull()
          expect(verifyVrf(a.publicKey, other, a.prove(other))).not.toEqual(beta)
          expect(verifyVrf(b.publicKey, alpha, b.prove(alpha))).not.toEqual(beta)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('answers null, and never throws, for keys and proofs of any shape', () => {
    const hostile = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
      fc.uint8Array({ minLength: 80, maxLength: 80 }).map(toHex),
    )
    fc.assert(
      fc.property(hostile, hostile, fc.uint8Array({ maxLength: 40 }), (key, proof, alpha) => {
        expect(verifyVrf(key as PublicKey, alpha, proof as VrfProof)).toBeNull()
      }),
    )
    const [, alpha, pi] = VECTORS[0]
    const key = keyPairFromSeed(fromHex(VECTORS[0][0])).publicKey
    for (const proof of [pi.toUpperCase(), `${pi}00`, pi.slice(2), 'é'.repeat(160)]) {
      expect(verifyVrf(key, fromHex(alpha), proof as VrfProof)).toBeNull()
    }
  })

  it('proves no more once the key is wiped', () => {
    const keys = keyPairFromSeed(fromHex(VECTORS[0][0]))
    keys.wipe()
    expect(() => keys.prove(utf8('x'))).toThrow(expect.objectContaining({ code: 'KEY_WIPED' }))
  })

  it('travels as 80 bytes and comes back the same', () => {
    const proof = VECTORS[2][2] as VrfProof
    const bytes = encode(vrfProof, proof)
    expect(bytes).toHaveLength(82)
    expect(decode(vrfProof, bytes)).toBe(proof)
    expect(() => encode(vrfProof, proof.slice(2) as VrfProof)).toThrow('VRF proof')
  })
})
