import type { PublicKey, VrfProof } from './brand.ts'
import { concatBytes, equalBytes, fromHex, toHex } from './bytes.ts'
import { sodium } from './sodium.ts'

// ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 over libsodium's group operations. For one key and one input there is one
// output, which nobody but the key's owner can know before the proof is shown. A signature does not have that property:
// a signer can make many valid ones for one message, and take the one that suits it.

const SUITE = 0x03
const ENCODE_TO_CURVE = 0x01
const CHALLENGE = 0x02
const PROOF_TO_HASH = 0x03
const BACK = 0x00

/** Bytes of Gamma, c, s and of the whole proof. */
const POINT_BYTES = 32
const CHALLENGE_BYTES = 16
const SCALAR_BYTES = 32
const PROOF_BYTES = POINT_BYTES + CHALLENGE_BYTES + SCALAR_BYTES

/** The identity, encoded: y = 1. */
const IDENTITY = Uint8Array.of(1, ...new Uint8Array(31))
/** 2^255 - 19 and the order of the subgroup, most significant byte first. */
const FIELD = fromHex(`7f${'ff'.repeat(30)}ed`)
const ORDER = fromHex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')

/** Whether the little-endian number is below the bound. */
function isBelow(number: Uint8Array, bound: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) {
    const digit = number[31 - i]!
    if (digit !== bound[i]) return digit < bound[i]!
  }
  return false
}

/** Whether the point's y coordinate is below the field's prime; the top bit is the sign of x. */
function isCanonical(point: Uint8Array): boolean {
  const y = point.slice()
  y[31]! &= 0x7f
  return isBelow(y, FIELD)
}

const hash = (...parts: Uint8Array[]): Uint8Array => sodium.crypto_hash_sha512(concatBytes(...parts))

/** Eight times the point, which lies in the subgroup of prime order wherever the point lay. Throws when it is no point. */
function timesCofactor(point: Uint8Array): Uint8Array {
  let multiple = point
  for (let doublings = 0; doublings < 3; doublings++) multiple = sodium.crypto_core_ed25519_add(multiple, multiple)
  return multiple
}

/** RFC 9381 section 5.4.1.1, try and increment, with the public key as the salt. Throws once in 2^256 inputs. */
function encodeToCurve(publicKey: Uint8Array, alpha: Uint8Array): Uint8Array {
  for (let counter = 0; counter < 256; counter++) {
    const tail = Uint8Array.of(counter, BACK)
    const candidate = hash(Uint8Array.of(SUITE, ENCODE_TO_CURVE), publicKey, alpha, tail).subarray(0, POINT_BYTES)
    if (!isCanonical(candidate)) continue
    let point: Uint8Array
    try {
      point = timesCofactor(candidate)
    } catch {
      continue // not on the curve, as every second one
    }
    if (!equalBytes(point, IDENTITY)) return point
  }
  throw new RangeError('no point was found for this input')
}

/** RFC 9381 section 5.4.3: 16 bytes. */
function challengeOf(...points: [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]): Uint8Array {
  return hash(Uint8Array.of(SUITE, CHALLENGE), ...points, Uint8Array.of(BACK)).slice(0, CHALLENGE_BYTES)
}

/** The 16 bytes as a scalar of 32. */
const scalarOfChallenge = (challenge: Uint8Array): Uint8Array => concatBytes(challenge, new Uint8Array(16))

/** RFC 9381 section 5.2: 64 bytes. */
function betaOf(gamma: Uint8Array): Uint8Array {
  return hash(Uint8Array.of(SUITE, PROOF_TO_HASH), timesCofactor(gamma), Uint8Array.of(BACK))
}

/**
 * RFC 9381 section 5.1 with the nonce of section 5.4.2.2. `secret` is libsodium's: 32 bytes of seed, 32 of public key;
 * what is derived of it here is overwritten before this returns.
 */
export function proveVrf(secret: Uint8Array, alpha: Uint8Array): VrfProof {
  const publicKey = secret.subarray(32)
  const point = encodeToCurve(publicKey, alpha)
  const x = sodium.crypto_sign_ed25519_sk_to_curve25519(secret)
  const expanded = sodium.crypto_hash_sha512(secret.subarray(0, 32))
  const nonceInput = concatBytes(expanded.subarray(32), point)
  const nonceHash = sodium.crypto_hash_sha512(nonceInput)
  const k = sodium.crypto_core_ed25519_scalar_reduce(nonceHash)
  const wideX = concatBytes(x, new Uint8Array(32))
  const reducedX = sodium.crypto_core_ed25519_scalar_reduce(wideX)
  const secrets = [x, expanded, nonceInput, nonceHash, k, wideX, reducedX]
  try {
    const gamma = sodium.crypto_scalarmult_ed25519_noclamp(x, point)
    const u = sodium.crypto_scalarmult_ed25519_base_noclamp(k)
    const v = sodium.crypto_scalarmult_ed25519_noclamp(k, point)
    const c = challengeOf(publicKey, point, gamma, u, v)
    const product = sodium.crypto_core_ed25519_scalar_mul(scalarOfChallenge(c), reducedX)
    secrets.push(product)
    const s = sodium.crypto_core_ed25519_scalar_add(product, k)
    return toHex(concatBytes(gamma, c, s)) as VrfProof
  } finally {
    for (const bytes of secrets) bytes.fill(0)
  }
}

/** {@link verifyVrf}, computed. */
export function checkVrf(publicKey: PublicKey, alpha: Uint8Array, proof: VrfProof): Uint8Array | null {
  if (publicKey.length !== 64 || proof.length !== 2 * PROOF_BYTES) return null
  try {
    const y = fromHex(publicKey)
    const bytes = fromHex(proof)
    const gamma = bytes.subarray(0, POINT_BYTES)
    const challenge = bytes.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES)
    const s = bytes.subarray(POINT_BYTES + CHALLENGE_BYTES)
    if (!isBelow(s, ORDER)) return null
    if (!isCanonical(y) || !isCanonical(gamma)) return null
    const point = encodeToCurve(y, alpha)
    const c = scalarOfChallenge(challenge)
    const minus = sodium.crypto_core_ed25519_sub
    // Refuses points of small order and outside the subgroup of prime order: stricter than the RFC, which refuses only such
    // keys. No honest proof is lost, and one key and input have one Gamma.
    const times = sodium.crypto_scalarmult_ed25519_noclamp
    const u = minus(sodium.crypto_scalarmult_ed25519_base_noclamp(s), times(c, y))
    const v = minus(times(s, point), times(c, gamma))
    return equalBytes(challengeOf(y, point, gamma, u, v), challenge) ? betaOf(gamma) : null
  } catch {
    // libsodium refuses what is no point, no scalar or comes to the identity; no honest proof does.
    return null
  }
}
