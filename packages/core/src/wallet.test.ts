import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from './bytes.ts'
import { keyPairOfEntropy, openWallet, type SealOptions, sealWallet } from './wallet.ts'
import { readWalletHeader } from './walletFile.ts'

const entropy = fromHex('68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c')
const cost = { memoryBytes: 8192, passes: 1 }
const options: SealOptions = {
  entropy,
  name: 'älice',
  password: 'correct horse',
  salt: new Uint8Array(16).fill(1),
  nonce: new Uint8Array(24).fill(2),
  cost,
}
const sealed = sealWallet(options)
const corrupt = expect.objectContaining({ code: 'WALLET_CORRUPT', advice: expect.any(String) })
const wrongPassword = expect.objectContaining({ code: 'WALLET_WRONG_PASSWORD' })

describe('wallet file', () => {
  it('opens with its password to what was sealed, and to nothing without', () => {
    const { address, publicKey } = keyPairOfEntropy(entropy)
    expect(openWallet(sealed, 'correct horse')).toEqual({ entropy, name: 'älice', address })
    expect(readWalletHeader(sealed)).toEqual({ name: 'älice', address, publicKey })
    expect(() => openWallet(sealed, 'correct horsf')).toThrow(wrongPassword)
    expect(() => openWallet(sealed, '')).toThrow(wrongPassword)
    expect(sealed).not.toContain(toHex(entropy))
  })

  it('takes a password however the keyboard composes its letters', () => {
    const file = sealWallet({ ...options, password: 'caf\u00e9' })
    expect(openWallet(file, 'cafe\u0301').entropy).toEqual(entropy)
  })

  it('cut short anywhere is damaged, not a wrong password', () => {
    for (let length = 0; length < sealed.trimEnd().length; length++) {
      expect(() => openWallet(sealed.slice(0, length), 'correct horse')).toThrow(corrupt)
    }
  })

  it('with any character changed is damaged, not a wrong password', () => {
    for (let i = 0; i < sealed.length; i++) {
      if (/\s/.test(sealed[i]!)) continue
      const changed = sealed.slice(0, i) + (sealed[i] === '7' ? '8' : '7') + sealed.slice(i + 1)
      expect(() => openWallet(changed, 'correct horse'), `character ${i}`).toThrow(corrupt)
    }
  })

  it('with a header changed by someone who also mended the checksum does not open', async () => {
    const { writeWalletFile } = await import('./walletFile.ts')
    const { checksum: _, ...wallet } = JSON.parse(sealed)
    expect(openWallet(writeWalletFile(wallet), options.password).name).toBe('älice')
    for (const change of [
      { name: 'mallory' },
      { address: `0x${'0'.repeat(40)}` },
      { kdf: { ...wallet.kdf, passes: 2 } },
    ]) {
      expect(() => openWallet(writeWalletFile({ ...wallet, ...change }), options.password)).toThrow(wrongPassword)
    }
  })

  it('cannot make the opener spend more than the bounds', async () => {
    const { writeWalletFile } = await import('./walletFile.ts')
    const { checksum: _, ...wallet } = JSON.parse(sealed)
    for (const kdf of [{ memory: 2 ** 40 }, { memory: 1 }, { memory: 8192.5 }, { passes: 11 }, { passes: 0 }]) {
      const file = JSON.stringify({ ...wallet, kdf: { ...wallet.kdf, ...kdf }, checksum: '00'.repeat(32) })
      expect(() => openWallet(file, options.password)).toThrow(corrupt)
    }
    for (const cipher of [{ nonce: '00' }, { nonce: 'zz'.repeat(24) }, { data: '' }]) {
      const file = writeWalletFile({ ...wallet, cipher: { ...wallet.cipher, ...cipher } })
      expect(() => openWallet(file, options.password)).toThrow(corrupt)
    }
    expect(() => openWallet(sealed + ' '.repeat(20_000), options.password)).toThrow(corrupt)
    expect(() => openWallet('['.repeat(10_000), '')).toThrow(corrupt)
    expect(() => openWallet('null', '')).toThrow(corrupt)
  })

  it('is the same file for the same inputs and another for another salt or nonce', () => {
    expect(sealWallet(options)).toBe(sealed)
    expect(sealWallet({ ...options, salt: new Uint8Array(16).fill(3) })).not.toBe(sealed)
    expect(sealWallet({ ...options, nonce: new Uint8Array(24).fill(3) })).not.toBe(sealed)
  })

  it('is not written with an empty password, sizes that are wrong, or a cost out of bounds', () => {
    const invalid = expect.objectContaining({ code: 'WALLET_INVALID' })
    const bad: Partial<SealOptions>[] = [
      { password: '' },
      { password: 'x'.repeat(1025) },
      { name: 'x'.repeat(65) },
      { name: '\ud800' },
      { entropy: new Uint8Array(16) },
      { salt: new Uint8Array(15) },
      { nonce: new Uint8Array(12) },
      { cost: { memoryBytes: 2 ** 31, passes: 1 } },
      { cost: { memoryBytes: 8192, passes: 11 } },
      { cost: { memoryBytes: Number.NaN, passes: 1 } },
    ]
    for (const change of bad) expect(() => sealWallet({ ...options, ...change })).toThrow(invalid)
  })

  it('uses Argon2id at 256 MiB and 3 passes unless told otherwise', () => {
    const { cost: _, ...rest } = options
    expect(JSON.parse(sealWallet(rest)).kdf).toMatchObject({ name: 'argon2id', memory: 268_435_456, passes: 3 })
  })
})

describe('keyPairOfEntropy', () => {
  it('gives one identity for ever: this address is committed', () => {
    expect(keyPairOfEntropy(entropy).address).toBe('0x5FAE936F3960f556dfAd82500FB5753b49fE097e')
  })

  it('leaves the entropy to its owner', () => {
    const copy = entropy.slice()
    keyPairOfEntropy(copy)
    expect(copy).toEqual(entropy)
  })
})
