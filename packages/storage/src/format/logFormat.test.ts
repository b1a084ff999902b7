import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecord, parseLog } from './logFormat.ts'

const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 6 })

function logOf(records: Uint8Array[]): Uint8Array {
  return Uint8Array.from(records.flatMap((record, sequence) => [...encodeRecord(sequence, record)]))
}

test('a whole log gives back its records', () => {
  fc.assert(
    fc.property(payloads, records => {
      const bytes = logOf(records)
      expect(parseLog(bytes)).toEqual({ records, validBytes: bytes.length, damage: null })
    }),
  )
})

test('a log that is cut anywhere gives back every record before the cut, and is not called damaged', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), (records, at) => {
      const bytes = logOf(records)
      const cut = bytes.subarray(0, at % bytes.length)
      const parsed = parseLog(cut)
      expect(parsed.damage).toBeNull()
      expect(parsed.records).toEqual(records.slice(0, parsed.records.length))
      expect(parsed.validBytes).toBe(logOf(parsed.records).length)
    }),
  )
})

test('a flipped bit never changes a record: it is damage', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.nat(7), (records, at, bit) => {
      const bytes = logOf(records)
      bytes[at % bytes.length]! ^= 1 << bit
      const parsed = parseLog(bytes)
      expect(parsed.damage).not.toBeNull()
      expect(parsed.records).toEqual(records.slice(0, parsed.records.length))
    }),
  )
})

test('a missing record in the middle is damage', () => {
  const bytes = Uint8Array.from([0, 2].flatMap(sequence => [...encodeRecord(sequence, new Uint8Array(3))]))
  expect(parseLog(bytes).damage).toMatchObject({ offset: 19 })
})

test('a last record whose sectors never reached the disk is unfinished, not damaged', () => {
  const whole = encodeRecord(0, new Uint8Array(10).fill(1))
  const last = encodeRecord(1, new Uint8Array(2000).fill(7))
  const bytes = Uint8Array.from([...whole, ...last])
  bytes.fill(0, 1024)
  expect(parseLog(bytes)).toMatchObject({ validBytes: whole.length, damage: null })
})

test('garbage is damage, not an unfinished record', () => {
  expect(parseLog(new Uint8Array(40).fill(0x61)).damage).not.toBeNull()
})
