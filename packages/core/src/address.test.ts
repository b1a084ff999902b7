import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, addressOf, addressOfBytes, parseAddress } from './address.ts'
import type { PublicKey } from './brand.ts'
import { fromHex } from './bytes.ts'
import { sha256 } from './hash.ts'

const KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a' as PublicKey
const ADDRESS = '0x21fe31DFA154A261626BF854046fD2271b7BED4B'
const refused = expect.objectContaining({ code: 'ADDRESS_INVALID' })

describe('addresses', () => {
  it('are the first 20 bytes of SHA-256 of the public key, with a checksum in the letter case', () => {
    expect(addressOf(KEY)).toBe(ADDRESS)
    expect(addressBytes(addressOf(KEY))).toEqual(sha256(fromHex(KEY)).subarray(0, 20))
  })

  it('survive being written and read, and may be typed in lower case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), bytes => {
        const address = addressOfBytes(bytes)
        expect(addressBytes(address)).toEqual(bytes)
        expect(parseAddress(address)).toBe(address)
        expect(parseAddress(address.toLowerCase())).toBe(address)
      }),
    )
  })

  it('with one letter in the wrong case are refused', () => {
    for (let i = 2; i < ADDRESS.length; i++) {
      const letter = ADDRESS[i]!
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
      if (other === letter) continue
      expect(() => parseAddress(ADDRESS.slice(0, i) + other + ADDRESS.slice(i + 1))).toThrow(refused)
    }
  })

  it('of any other shape are refused, with advice', () => {
    for (const text of ['', '0x', ADDRESS.slice(2), `${ADDRESS}0`, ADDRESS.slice(0, -1), `0X${ADDRESS.slice(2)}`]) {
      expect(() => parseAddress(text)).toThrow(refused)
    }
    expect(() => parseAddress(` ${ADDRESS}`)).toThrow(
      expect.objectContaining({ advice: expect.stringContaining('0x') }),
    )
    expect(() => addressOfBytes(new Uint8Array(19))).toThrow(refused)
  })
})
