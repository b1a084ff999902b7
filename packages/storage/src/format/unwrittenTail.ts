/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512

/**
 * Whether `bytes` from `start` on look like a write that power loss cut short: the file already has its new length,
 * but from `start`, or from a sector boundary after it, to the end it holds only zeros.
 */
export function isUnwrittenTail(bytes: Uint8Array, start: number): boolean {
  let written = bytes.length
  while (written > start && bytes[written - 1] === 0) written--
  if (written === bytes.length) return false
  if (written === start) return true
  return Math.ceil(written / SECTOR_BYTES) * SECTOR_BYTES < bytes.length
}
