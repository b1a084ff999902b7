import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  ENTROPY_BYTES,
  HydraError,
  type KeyPair,
  keyPairOfEntropy,
  phraseOf,
  readWalletHeader,
  type WalletHeader,
} from '@hydraai/core'
import { readSmallFile, refuseTaken, replaceFile, writeNewFile } from '../files.ts'
import type { Reporter } from '../output/reporter.ts'
import { existingPassword, firstPassword, replacementPassword } from './passwords.ts'
import { askForPhrase, backUpPhrase, canAskForWords } from './phrase.ts'
import { openInVault, sealInVault } from './vault.ts'

const PRIVATE = 0o600

/** An opened wallet: its keys, and the name it was made with. */
export interface Identity {
  readonly keys: KeyPair
  readonly name: string
}

/** Makes a new wallet, shows its phrase, and writes it to `path`, where nothing may be yet. */
export async function createWallet(path: string, name: string, reporter: Reporter): Promise<Identity> {
  await refuseTaken(path)
  const password = await firstPassword()
  const entropy = new Uint8Array(randomBytes(ENTROPY_BYTES))
  try {
    const phrase = phraseOf(entropy)
    const asked = canAskForWords()
    if (asked) await backUpPhrase(phrase)
    const keys = await writeWallet(path, { entropy, name, password })
    reporter.walletWritten({ file: path, address: keys.address, how: 'created', ...(!asked && { phrase }) })
    return { keys, name }
  } finally {
    entropy.fill(0)
  }
}

/** Writes the wallet of 24 words to `path`, where nothing may be yet. Throws PHRASE_INVALID. */
export async function restoreWallet(path: string, name: string, reporter: Reporter): Promise<Identity> {
  await refuseTaken(path)
  const entropy = await askForPhrase()
  try {
    const password = await firstPassword()
    const keys = await writeWallet(path, { entropy, name, password })
    reporter.walletWritten({ file: path, address: keys.address, how: 'restored' })
    return { keys, name }
  } finally {
    entropy.fill(0)
  }
}

async function writeWallet(
  path: string,
  secrets: { entropy: Uint8Array; name: string; password: string },
): Promise<KeyPair> {
  const text = await sealInVault(secrets)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeNewFile(path, PRIVATE, file => file.writeFile(text))
  return keyPairOfEntropy(secrets.entropy)
}

/** Opens the wallet at `path` with its password. Throws WALLET_WRONG_PASSWORD, WALLET_CORRUPT. */
export async function openWalletFile(path: string): Promise<Identity> {
  const text = await readSmallFile(path)
  const { name } = checkedHeader(path, text)
  const { entropy } = await openInVault(text, await existingPassword(name))
  try {
    return { keys: keyPairOfEntropy(entropy), name }
  } finally {
    entropy.fill(0)
  }
}

/** Seals the wallet again under another password. A wrong password leaves the file as it is. */
export async function changePassword(path: string, reporter: Reporter): Promise<void> {
  const file = await readSmallFile(path)
  const { name, address } = checkedHeader(path, file)
  // Opened before a person is made to think up another password.
  const { entropy } = await openInVault(file, await existingPassword(name))
  try {
    const text = await sealInVault({ entropy, name, password: await replacementPassword() })
    await replaceFile(path, PRIVATE, text)
  } finally {
    entropy.fill(0)
  }
  reporter.passwordChanged({ file: path, address })
}

/** Copies a whole and unaltered wallet file to `target`, and compares the copy. The copy needs the same password. */
export async function exportWallet(path: string, target: string, reporter: Reporter): Promise<void> {
  const to = resolve(target)
  const text = await readSmallFile(path)
  const { address } = checkedHeader(path, text)
  await writeNewFile(to, PRIVATE, file => file.writeFile(text))
  if ((await readSmallFile(to)) !== text)
    throw new HydraError('FILE_FAILED', `${to} does not read back as it was written.`, {
      advice: 'Check that disk; export to another one.',
    })
  reporter.walletExported({ file: path, to, address })
}

function checkedHeader(path: string, text: string): WalletHeader {
  try {
    return readWalletHeader(text)
  } catch (error) {
    if (!(error instanceof HydraError) || error.code !== 'WALLET_CORRUPT') throw error
    throw new HydraError('WALLET_CORRUPT', `${path}: ${error.message}`, {
      advice:
        'Nothing was changed. Put back a copy made with --export-wallet, or move the file away and run ' +
        '--restore-wallet with its 24 words.',
      cause: error,
    })
  }
}
