import type { Address, PublicKey } from './brand.ts'
import { fromHex, toHex, utf8 } from './bytes.ts'
import { HydraError } from './errors.ts'
import { sha256 } from './hash.ts'

/** Bytes in an address. */
export const ADDRESS_BYTES = 20

/** Spellings that were worked out lately, by their digits: an account comes up in every one of its transactions. */
const spellings = new Map<string, Address>()
const MAX_SPELLINGS = 16_384

function checksummed(digits: string): Address {
  let address = spellings.get(digits)
  if (address === undefined) {
    address = spell(digits)
    if (spellings.size >= MAX_SPELLINGS) spellings.delete(spellings.keys().next().value!)
    spellings.set(digits, address)
  }
  return address
}

/** EIP-55's scheme over SHA-256: digit i is upper case when nibble i of the hash of the lower-case digits is 8 or more. */
function spell(digits: string): Address {
  const hash = sha256(utf8(digits))
  let text = '0x'
  for (let i = 0; i < digits.length; i++) {
    const byte = hash[i >> 1]!
    const nibble = i % 2 === 0 ? byte >> 4 : byte & 15
    text += nibble >= 8 ? digits[i]!.toUpperCase() : digits[i]
  }
  return text as Address
}

/** The account of a public key: the first 20 bytes of its SHA-256. */
export function addressOf(publicKey: PublicKey): Address {
  return addressOfBytes(sha256(fromHex(publicKey)).subarray(0, ADDRESS_BYTES))
}

/** The address with these 20 bytes, checksum in its letter case. @throws HydraError ADDRESS_INVALID */
export function addressOfBytes(bytes: Uint8Array): Address {
  if (bytes.length !== ADDRESS_BYTES) {
    throw new HydraError('ADDRESS_INVALID', `an address has ${ADDRESS_BYTES} bytes, not ${bytes.length}`)
  }
  return checksummed(toHex(bytes))
}

/** The 20 bytes of an address. */
export function addressBytes(address: Address): Uint8Array {
  return fromHex(address.slice(2).toLowerCase())
}

/**
 * An address as a person typed or pasted it. All lower case carries no checksum and is accepted; any upper-case letter
 * means that the checksum must be right, which lets about one typing error in 4,000 pass (EIP-55's figure).
 * @throws HydraError ADDRESS_INVALID
 */
export function parseAddress(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new HydraError('ADDRESS_INVALID', `${JSON.stringify(text.slice(0, 60))} is not an address`, {
      advice: 'An address is 0x and 40 hex digits. Copy it whole.',
    })
  }
  const digits = text.slice(2).toLowerCase()
  const address = checksummed(digits)
  if (text.slice(2) !== digits && text !== address) {
    throw new HydraError('ADDRESS_INVALID', `the address ${text} has a typing error: its checksum is wrong`, {
      advice: 'Copy the address again from where it came.',
    })
  }
  return address
}
