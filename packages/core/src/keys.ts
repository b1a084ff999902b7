import { addressOf } from './address.ts'
import type { Address, PublicKey, Signature, VrfProof } from './brand.ts'
import { concatBytes, toHex, utf8 } from './bytes.ts'
import { HydraError } from './errors.ts'
import { sodium } from './sodium.ts'
import { proveVrf } from './vrf.ts'

/** An Ed25519 identity. The secret is closed over: no property, log line or JSON of this object shows it. */
export interface KeyPair {
  readonly publicKey: PublicKey
  readonly address: Address
  /** Ed25519 (RFC 8032) over the message as it is; give it {@link signBytes}. @throws HydraError KEY_WIPED */
  sign(message: Uint8Array): Signature
  /**
   * The proof of this key's one output for the input (RFC 9381); {@link verifyVrf} gives the output. Whoever asks puts
   * chain and purpose into `alpha`. @throws HydraError KEY_WIPED
   */
  prove(alpha: Uint8Array): VrfProof
  /** Overwrites the secret; the pair signs no more. */
  wipe(): void
}

/** The pair of a 32-byte Ed25519 seed; the seed is copied, its owner wipes the original. @throws HydraError KEY_INVALID */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== 32) throw new HydraError('KEY_INVALID', `a key seed has 32 bytes, not ${seed.length}`)
  const { publicKey: point, privateKey: secret } = sodium.crypto_sign_seed_keypair(seed)
  const publicKey = toHex(point) as PublicKey
  let wiped = false
  function refuseIfWiped(): void {
    if (wiped) throw new HydraError('KEY_WIPED', 'this key was wiped from memory and can sign no more')
  }
  return {
    publicKey,
    address: addressOf(publicKey),
    sign(message) {
      refuseIfWiped()
      return toHex(sodium.crypto_sign_detached(message, secret)) as Signature
    },
    prove(alpha) {
      refuseIfWiped()
      return proveVrf(secret, alpha)
    },
    wipe() {
      wiped = true
      secret.fill(0)
    },
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
