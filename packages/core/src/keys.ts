import { addressOf } from './address.ts'
import type { Address, PublicKey, Signature } from './brand.ts'
import { concatBytes, fromHex, toHex, utf8 } from './bytes.ts'
import { HydraError } from './errors.ts'
import { sodium } from './sodium.ts'

/** An Ed25519 identity. The secret is closed over: no property, log line or JSON of this object shows it. */
export interface KeyPair {
  readonly publicKey: PublicKey
  readonly address: Address
  /** Ed25519 (RFC 8032) over the message as it is; give it {@link signBytes}. @throws HydraError KEY_WIPED */
  sign(message: Uint8Array): Signature
  /** Overwrites the secret; the pair signs no more. */
  wipe(): void
}

/** The pair of a 32-byte Ed25519 seed; the seed is copied, its owner wipes the original. @throws HydraError KEY_INVALID */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== 32) throw new HydraError('KEY_INVALID', `a key seed has 32 bytes, not ${seed.length}`)
  const { publicKey: point, privateKey: secret } = sodium.crypto_sign_seed_keypair(seed)
  const publicKey = toHex(point) as PublicKey
  let wiped = false
  return {
    publicKey,
    address: addressOf(publicKey),
    sign(message) {
      if (wiped) throw new HydraError('KEY_WIPED', 'this key was wiped from memory and can sign no more')
      return toHex(sodium.crypto_sign_detached(message, secret)) as Signature
    },
    wipe() {
      wiped = true
      secret.fill(0)
    },
  }
}

/**
 * Whether the signature is valid by libsodium's rule, which refuses non-canonical S, non-canonical and small-order
 * keys. The rule is part of consensus, so every platform runs this one implementation. Never throws.
 */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Signature): boolean {
  if (publicKey.length !== 64 || signature.length !== 128) return false
  try {
    return sodium.crypto_sign_verify_detached(fromHex(signature), message, fromHex(publicKey))
  } catch {
    return false
  }
}

/**
 * The bytes that are signed: `hydra/sign/1/<tag> ‖ 0x00 ‖ chainId ‖ 0x00 ‖ payload`. A signature for one chain or one
 * kind of message is worth nothing for another. @throws HydraError SIGN_BYTES_INVALID
 */
export function signBytes(chainId: string, tag: string, payload: Uint8Array): Uint8Array {
  if (!/^[a-z0-9-]{1,32}$/.test(tag)) throw new HydraError('SIGN_BYTES_INVALID', `${JSON.stringify(tag)} is not a tag`)
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(chainId)) {
    throw new HydraError('SIGN_BYTES_INVALID', `${JSON.stringify(chainId.slice(0, 64))} is not a chain id`)
  }
  return concatBytes(utf8(`hydra/sign/1/${tag}\0${chainId}\0`), payload)
}
