import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { corruptError } from '../errors.ts'
import { crc32c } from '../format/crc32c.ts'
import { isUnwrittenTail } from '../format/unwrittenTail.ts'

// LevelDB's own log, as its doc/log_format.md has it: blocks of 32 KiB; in them fragments of a record, each with a header
// of checksum (masked crc32c over type and data), length u16 and type; a block's last bytes that fit no header are zero.
const BLOCK_BYTES = 32768
const HEADER_BYTES = 7
const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

/**
 * Throws STORAGE_CORRUPT if a log of the LevelDB in `db` is damaged. LevelDB skips what it cannot read in its log and
 * opens without the batches that stood there; its option against that is out of reach from Node. An unfinished last
 * record is no damage: a crash leaves one, and nobody was told that it is stored.
 */
export async function checkLevelLogs(db: string): Promise<void> {
  const names = (await readdir(db)).filter(name => /^\d+\.log$/.test(name))
  for (const name of names.sort()) {
    let bytes: Uint8Array
    try {
      bytes = await readFile(join(db, name))
    } catch (error) {
      // Another process that holds the lock may drop an old log just now.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    const damagedAt = findLevelLogDamage(bytes)
    if (damagedAt !== null) throw corruptError(db, `${name} has a bad record at byte ${damagedAt}`)
  }
}

/** The offset of the first damaged fragment of a LevelDB log, or null. */
export function findLevelLogDamage(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let inRecord = false
  let offset = 0
  while (offset < bytes.length) {
    const blockLeft = BLOCK_BYTES - (offset % BLOCK_BYTES)
    if (blockLeft < HEADER_BYTES) {
      offset += blockLeft
      continue
    }
    if (bytes.length - offset < HEADER_BYTES) return null
    const length = view.getUint16(offset + 4, true)
    const type = bytes[offset + 6]!
    const end = offset + HEADER_BYTES + length
    const fits = length <= blockLeft - HEADER_BYTES && type >= FULL && type <= LAST
    const begins = type === FULL || type === FIRST
    if (fits && end > bytes.length) return null
    const whole = fits && unmask(view.getUint32(offset, true)) === crc32c(bytes.subarray(offset + 6, end))
    if (!whole || begins === inRecord) return isUnwrittenTail(bytes, offset) ? null : offset
    inRecord = type === FIRST || type === MIDDLE
    offset = end
  }
  return null
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}
