import type { Address } from './brand.ts'
import { concatBytes, fromHex, toHex, utf8 } from './bytes.ts'
import { HydraError } from './errors.ts'
import { sha256 } from './hash.ts'
import { type KeyPair, keyPairFromSeed } from './keys.ts'
import { ENTROPY_BYTES } from './phrase.ts'
import { sodium } from './sodium.ts'
import {
  associatedData,
  MAX_WALLET_MEMORY,
  MAX_WALLET_PASSES,
  MIN_WALLET_MEMORY,
  readWalletFile,
  type SealedHeader,
  walletCorrupt,
  writeWalletFile,
} from './walletFile.ts'

const SALT_BYTES = 16
const NONCE_BYTES = 24
const MAX_PASSWORD_BYTES = 1024

/** What one guess at the password costs, in Argon2id's terms. */
export interface WalletCost {
  memoryBytes: number
  passes: number
}

/** 256 MiB and 3 passes: about a second. */
export const DEFAULT_WALLET_COST: WalletCost = { memoryBytes: 268_435_456, passes: 3 }

/** The identity behind 32 bytes of entropy (or their 24 words). @throws HydraError KEY_INVALID */
export function keyPairOfEntropy(entropy: Uint8Array): KeyPair {
  if (entropy.length !== ENTROPY_BYTES) {
    throw new HydraError('KEY_INVALID', `a wallet has ${ENTROPY_BYTES} bytes of entropy, not ${entropy.length}`)
  }
  const material = concatBytes(utf8('hydra/identity/1\0'), entropy)
  const seed = sha256(material)
  try {
    return keyPairFromSeed(seed)
  } finally {
    material.fill(0)
    seed.fill(0)
  }
}

/** One spelling for a password whichever keyboard wrote it. */
const passwordBytes = (password: string): Uint8Array => utf8(password.normalize('NFKC'))

/** Argon2id v1.3 (RFC 9106): the 32-byte key of the file. The caller wipes it. @throws HydraError WALLET_MEMORY */
function deriveKey(password: string, salt: Uint8Array, cost: WalletCost): Uint8Array {
  const secret = passwordBytes(password)
  try {
    return sodium.crypto_pwhash(
      sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
      secret,
      salt,
      cost.passes,
      cost.memoryBytes,
      sodium.crypto_pwhash_ALG_ARGON2ID13,
    )
  } catch (cause) {
    const mebibytes = Math.ceil(cost.memoryBytes / 1_048_576)
    throw new HydraError('WALLET_MEMORY', `opening or sealing this wallet takes ${mebibytes} MiB of memory`, {
      advice: 'Close other programs and try again.',
      cause,
    })
  } finally {
    secret.fill(0)
  }
}

export interface SealOptions {
  entropy: Uint8Array
  name: string
  password: string
  /** 16 random bytes, fresh for every sealing. */
  salt: Uint8Array
  /** 24 random bytes, fresh for every sealing. */
  nonce: Uint8Array
  cost?: WalletCost
}

function checkSealOptions({ entropy, name, password, salt, nonce }: SealOptions, cost: WalletCost): void {
  const invalid = (problem: string) => new HydraError('WALLET_INVALID', problem)
  if (entropy.length !== ENTROPY_BYTES) throw invalid(`a wallet has ${ENTROPY_BYTES} bytes of entropy`)
  if (salt.length !== SALT_BYTES) throw invalid(`the salt must have ${SALT_BYTES} bytes`)
  if (nonce.length !== NONCE_BYTES) throw invalid(`the nonce must have ${NONCE_BYTES} bytes`)
  if (!name.isWellFormed() || utf8(name).length > 64) throw invalid('the name of a wallet has at most 64 bytes')
  if (password === '') throw invalid('the password is empty')
  if (passwordBytes(password).length > MAX_PASSWORD_BYTES) {
    throw invalid(`the password is longer than ${MAX_PASSWORD_BYTES} bytes`)
  }
  const { memoryBytes, passes } = cost
  const sane =
    Number.isInteger(memoryBytes) &&
    memoryBytes >= MIN_WALLET_MEMORY &&
    memoryBytes <= MAX_WALLET_MEMORY &&
    Number.isInteger(passes) &&
    passes >= 1 &&
    passes <= MAX_WALLET_PASSES
  if (!sane) throw invalid(`a cost of ${memoryBytes} bytes and ${passes} passes is out of bounds`)
}

/**
 * The wallet file as JSON text: the entropy under XChaCha20-Poly1305 with a key that Argon2id makes of the password; all
 * other fields are readable and authenticated. @throws HydraError WALLET_INVALID, WALLET_MEMORY
 */
export function sealWallet(options: SealOptions): string {
  const cost = options.cost ?? DEFAULT_WALLET_COST
  checkSealOptions(options, cost)
  const keys = keyPairOfEntropy(options.entropy)
  keys.wipe()
  const header: SealedHeader = {
    format: 'hydra-wallet',
    version: 1,
    name: options.name,
    address: keys.address,
    publicKey: keys.publicKey,
    kdf: { name: 'argon2id', memory: cost.memoryBytes, passes: cost.passes, salt: toHex(options.salt) },
    cipher: { name: 'xchacha20-poly1305', nonce: toHex(options.nonce) },
  }
  const key = deriveKey(options.password, options.salt, cost)
  try {
    const data = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      options.entropy,
      associatedData(header),
      null,
      options.nonce,
      key,
    )
    return writeWalletFile({ ...header, cipher: { ...header.cipher, data: toHex(data) } })
  } finally {
    key.fill(0)
  }
}

/** What a wallet holds; its owner overwrites `entropy` when done. */
export interface OpenedWallet {
  entropy: Uint8Array
  name: string
  address: Address
}

/**
 * Opens a wallet file.
 * @throws HydraError WALLET_CORRUPT when the file is cut short or altered, WALLET_WRONG_PASSWORD when it is whole and
 * the password does not open it, WALLET_MEMORY
 */
export function openWallet(file: string, password: string): OpenedWallet {
  const wallet = readWalletFile(file)
  const [salt, nonce, data] = hexFields(wallet.kdf.salt, wallet.cipher.nonce, wallet.cipher.data)
  const key = deriveKey(password, salt, { memoryBytes: wallet.kdf.memory, passes: wallet.kdf.passes })
  let entropy: Uint8Array
  try {
    entropy = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, data, associatedData(wallet), nonce, key)
  } catch {
    throw new HydraError('WALLET_WRONG_PASSWORD', `the password does not open the wallet of ${wallet.name}`, {
      advice: 'Try again; mind the keyboard layout and capitals. With its 24 words the wallet can be restored.',
    })
  } finally {
    key.fill(0)
  }
  const keys = keyPairOfEntropy(entropy)
  keys.wipe()
  if (keys.address !== wallet.address || keys.publicKey !== wallet.publicKey) {
    entropy.fill(0)
    throw walletCorrupt('its address does not belong to its secret')
  }
  return { entropy, name: wallet.name, address: keys.address }
}

function hexFields(salt: string, nonce: string, data: string): [Uint8Array, Uint8Array, Uint8Array] {
  const widths = [SALT_BYTES, NONCE_BYTES, ENTROPY_BYTES + 16]
  try {
    const fields = [salt, nonce, data].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array]
    if (fields.every((field, i) => field.length === widths[i])) return fields
  } catch {
    // Falls through to the one error for both.
  }
  throw walletCorrupt('its salt, nonce or data has the wrong length')
}
