import type { Address, PublicKey } from './brand.ts'
import { encode, type Infer } from './codec/codec.ts'
import { struct } from './codec/composites.ts'
import { literal, text, uintRange } from './codec/scalars.ts'
import { HydraError } from './errors.ts'
import { hashOf } from './hash.ts'

const MAX_FILE_LENGTH = 16_384

/** Bounds of what a file may make the opener spend: 8 KiB to 1 GiB of memory, 1 to 10 passes. */
export const MIN_WALLET_MEMORY = 8_192
export const MAX_WALLET_MEMORY = 1_073_741_824
export const MAX_WALLET_PASSES = 10

const headerFields = {
  format: literal('hydra-wallet'),
  version: uintRange(1, 1),
  name: text({ maxBytes: 64 }),
  address: text({ maxBytes: 42 }),
  publicKey: text({ maxBytes: 64 }),
  kdf: struct({
    name: literal('argon2id'),
    /** Bytes. */
    memory: uintRange(MIN_WALLET_MEMORY, MAX_WALLET_MEMORY),
    passes: uintRange(1, MAX_WALLET_PASSES),
    /** 16 bytes in hex. */
    salt: text({ maxBytes: 32 }),
  }),
}
const cipherFields = {
  name: literal('xchacha20-poly1305'),
  /** 24 bytes in hex. */
  nonce: text({ maxBytes: 48 }),
}

const sealedHeader = struct({ ...headerFields, cipher: struct(cipherFields) })
const sealedBody = struct({ ...headerFields, cipher: struct({ ...cipherFields, data: text({ maxBytes: 256 }) }) })
const wholeFile = struct({
  ...headerFields,
  cipher: struct({ ...cipherFields, data: text({ maxBytes: 256 }) }),
  checksum: text({ maxBytes: 64 }),
})

export type SealedHeader = Infer<typeof sealedHeader>
export type SealedWallet = Infer<typeof sealedBody>

/** What the cipher authenticates besides the secret: everything in the file but the ciphertext and the checksum. */
export function associatedData(header: SealedHeader): Uint8Array {
  return encode(sealedHeader, header)
}

/** The file as text. The checksum tells a damaged file from a wrong password; it protects against accidents only. */
export function writeWalletFile(wallet: SealedWallet): string {
  return `${JSON.stringify({ ...wallet, checksum: hashOf(encode(sealedBody, wallet)) }, null, 2)}\n`
}

export function walletCorrupt(problem: string): HydraError<'WALLET_CORRUPT'> {
  return new HydraError('WALLET_CORRUPT', `the wallet file is damaged: ${problem}`, {
    advice: 'Nothing was changed. Restore the file from a backup, or the wallet from its 24 words.',
  })
}

/** The fields of a wallet file, whole and unaltered. @throws HydraError WALLET_CORRUPT */
export function readWalletFile(file: string): SealedWallet {
  if (file.length > MAX_FILE_LENGTH) throw walletCorrupt(`it is longer than ${MAX_FILE_LENGTH} characters`)
  let json: unknown
  try {
    json = JSON.parse(file)
  } catch {
    throw walletCorrupt(file.trim() === '' ? 'it is empty' : 'it is cut short or is not JSON')
  }
  let wallet: Infer<typeof wholeFile>
  try {
    wallet = wholeFile.fromWire(json, 'wallet')
  } catch (error) {
    throw walletCorrupt(error instanceof HydraError ? error.message : 'it cannot be read')
  }
  if (hashOf(encode(sealedBody, wallet)) !== wallet.checksum) throw walletCorrupt('its checksum is wrong')
  return wallet
}

/** What a wallet file shows without its password. */
export interface WalletHeader {
  name: string
  address: Address
  publicKey: PublicKey
}

/** @throws HydraError WALLET_CORRUPT */
export function readWalletHeader(file: string): WalletHeader {
  const { name, address, publicKey } = readWalletFile(file)
  return { name, address: address as Address, publicKey: publicKey as PublicKey }
}
