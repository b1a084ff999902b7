/** Reading files of other people's making, never more of one than was agreed. */
import { open, readdir, stat } from 'node:fs/promises'
import { dataError, tooLarge } from './importer.ts'

/** The bytes of a file. @throws HydraError DATA_TOO_LARGE, DATA_INVALID when it cannot be read */
export async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > maxBytes) throw tooLargeFile(path, maxBytes)
      // One byte more than the size shows whether the file grows meanwhile.
      const bytes = new Uint8Array(size + 1)
      let length = 0
      while (length <= size) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      if (length > size) throw dataError(path, 'it grows while it is read', 'Wait until it is written and try again.')
      return bytes.subarray(0, length)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw readable(path, cause)
  }
}

/** At most `length` bytes from the beginning of a file. @throws HydraError DATA_INVALID */
export async function readHead(path: string, length: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await file.read(bytes, 0, length, 0)
      return bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw readable(path, cause)
  }
}

/** Names in a folder, hidden ones left out, in the order of their code units: the same on every system. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter(name => !name.startsWith('.')).sort(byCodeUnits)
  } catch (cause) {
    throw readable(path, cause)
  }
}

/** Whether the path is a folder. @throws HydraError DATA_INVALID when there is nothing */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw readable(path, cause)
  }
}

/** UTF-8 as text; a byte order mark is dropped. @throws HydraError DATA_INVALID with the line that is not UTF-8 */
export function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw dataError(`${path}:${badLineOf(bytes)}`, 'the line is not UTF-8', 'Save the file as UTF-8.', cause)
  }
}

/** The first line that is not UTF-8 by itself; no line break is part of another character. */
function badLineOf(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let start = 0
  for (let line = 1; start < bytes.length; line++) {
    const found = bytes.indexOf(10, start)
    const end = found < 0 ? bytes.length : found
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end + 1
  }
  return 1
}

export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function tooLargeFile(path: string, maxBytes: number) {
  return tooLarge(
    path,
    `it has more than ${Math.floor(maxBytes / (1024 * 1024))} MiB`,
    'Split it, or give a part of it.',
  )
}

/** Errors of the file system as ours; our own as they are. */
function readable(path: string, cause: unknown): unknown {
  const code = (cause as { code?: unknown }).code
  if (code === 'ENOENT') return dataError(path, 'there is nothing', 'Check the path.', cause)
  if (code === 'EACCES' || code === 'EPERM') return dataError(path, 'it must not be read', 'Check its owner.', cause)
  if (code === 'EISDIR' || code === 'ENOTDIR')
    return dataError(path, 'file and folder are mixed up', 'Check it.', cause)
  return cause
}
