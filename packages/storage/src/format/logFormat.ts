import { crc32c } from './crc32c.ts'
import { isUnwrittenTail } from './unwrittenTail.ts'

// A record of an append log: length u32, sequence u32, crc32c(payload), crc32c(the 12 bytes before), payload; all
// little-endian. The header has a checksum of its own, so that a damaged length is not taken for an unfinished record;
// the sequence counts from 0 in the file, so that a record that went missing is noticed.
export const RECORD_HEADER_BYTES = 16

/** The bytes of the record `payload` as number `sequence` of its log. */
export function encodeRecord(sequence: number, payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_BYTES + payload.length)
  const view = new DataView(record.buffer)
  view.setUint32(0, payload.length, true)
  view.setUint32(4, sequence, true)
  view.setUint32(8, crc32c(payload), true)
  view.setUint32(12, crc32c(record.subarray(0, 12)), true)
  record.set(payload, RECORD_HEADER_BYTES)
  return record
}

/** What a log's bytes hold. */
export interface ParsedLog {
  /** The records that are whole, oldest first. */
  records: Uint8Array[]
  /** Where the last whole record ends; what follows is an unfinished record, or damage. */
  validBytes: number
  /** Where and how the log is damaged; null if it is whole or only its last record is unfinished. */
  damage: { offset: number; why: string } | null
}

/** Reads `bytes` as a log. A record that the end of the file cuts is unfinished; anything else wrong is damage. */
export function parseLog(bytes: Uint8Array): ParsedLog {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const records: Uint8Array[] = []
  let offset = 0
  const ended = (why: string | null): ParsedLog => ({
    records,
    validBytes: offset,
    damage: why === null || isUnwrittenTail(bytes, offset) ? null : { offset, why },
  })
  while (offset < bytes.length) {
    const start = offset + RECORD_HEADER_BYTES
    if (start > bytes.length) return ended(null)
    if (view.getUint32(offset + 12, true) !== crc32c(bytes.subarray(offset, offset + 12))) {
      return ended("a record's header does not have its checksum")
    }
    if (view.getUint32(offset + 4, true) !== records.length) return ended('a record is missing or stands twice')
    const end = start + view.getUint32(offset, true)
    if (end > bytes.length) return ended(null)
    const payload = new Uint8Array(bytes.subarray(start, end))
    if (view.getUint32(offset + 8, true) !== crc32c(payload)) return ended('a record does not have its checksum')
    records.push(payload)
    offset = end
  }
  return ended(null)
}
