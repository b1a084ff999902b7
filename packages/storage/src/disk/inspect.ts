import { access, readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseLog } from '../format/logFormat.ts'
import { MAX_LOG_BYTES } from '../limits.ts'
import { layoutOf } from './layout.ts'
import { fileError } from './systemErrors.ts'

/** A write-ahead log as it lies on disk. */
export interface LogReport {
  readonly name: string
  readonly path: string
  /** All that are whole, oldest first. */
  readonly records: readonly Uint8Array[]
  /** Of an unfinished last record, which nobody was told is stored; the next start cuts it off. */
  readonly tornBytes: number
  /** Where and how it is damaged; null if it is whole. */
  readonly damage: { readonly offset: number; readonly why: string } | null
}

export interface StorageReport {
  /** Whether there is a database. */
  readonly database: boolean
  readonly logs: readonly LogReport[]
}

/**
 * Looks a storage folder over without opening it: nothing is made, locked or cut, so it may be in use meanwhile (a log
 * then may end in the middle of a record).
 *
 * Errors: STORAGE_DENIED, STORAGE_FAILED.
 */
export async function inspectDiskStorage(folder: string): Promise<StorageReport> {
  const layout = layoutOf(resolve(folder))
  try {
    const names = await namesIn(layout.logs)
    const logs: LogReport[] = []
    for (const name of names.filter(name => name.endsWith('.log'))) logs.push(await inspectLog(layout.logs, name))
    return { database: await isThere(join(layout.db, 'CURRENT')), logs }
  } catch (error) {
    throw fileError(layout.folder, error)
  }
}

async function inspectLog(folder: string, file: string): Promise<LogReport> {
  const path = join(folder, file)
  const name = file.slice(0, -'.log'.length)
  const { size } = await stat(path)
  if (size > MAX_LOG_BYTES) {
    const damage = { offset: MAX_LOG_BYTES, why: 'it is larger than any log that was written' }
    return { name, path, records: [], tornBytes: 0, damage }
  }
  const bytes = await readFile(path)
  const { records, validBytes, damage } = parseLog(bytes)
  const tornBytes = damage === null ? bytes.length - validBytes : 0
  return { name, path, records, tornBytes, damage }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
