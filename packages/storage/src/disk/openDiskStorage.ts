import { join, resolve } from 'node:path'
import { closedError, lockedError } from '../errors.ts'
import { checkLogName } from '../limits.ts'
import type { AppendLog, KeyValueStore, Storage } from '../ports.ts'
import { openFileLog } from './fileLog.ts'
import { finishLayout, type Layout, layoutOf, prepareLayout } from './layout.ts'
import { checkLevelLogs } from './levelLog.ts'
import { openLevelStore } from './levelStore.ts'
import { fileError } from './systemErrors.ts'

/**
 * Opens, or founds, the storage of one node in `folder`: `db/` (LevelDB), `logs/NAME.log`, and `FORMAT`, which says
 * what wrote it. LevelDB's lock keeps the whole folder for one process.
 *
 * Errors, each with what to do: STORAGE_LOCKED, STORAGE_CORRUPT, STORAGE_FULL, STORAGE_DENIED, STORAGE_VERSION,
 * STORAGE_FAILED. None of them changes what is stored.
 */
export async function openDiskStorage(folder: string): Promise<Storage> {
  const layout = layoutOf(resolve(folder))
  try {
    const there = await prepareLayout(layout)
    if (there) await checkLevelLogs(layout.db)
    const db = await openLevelStore(layout.db, !there)
    await finishLayout(layout).catch(async error => {
      await db.close()
      throw error
    })
    return new DiskStorage(layout, db)
  } catch (error) {
    throw fileError(layout.folder, error)
  }
}

class DiskStorage implements Storage {
  readonly db: KeyValueStore
  readonly #layout: Layout
  readonly #logs = new Map<string, Promise<AppendLog>>()
  #closed = false

  constructor(layout: Layout, db: KeyValueStore) {
    this.#layout = layout
    this.db = db
  }

  async openLog(name: string): Promise<AppendLog> {
    checkLogName(name)
    if (this.#closed) throw closedError(`storage in ${this.#layout.folder}`)
    const path = join(this.#layout.logs, `${name}.log`)
    if (this.#logs.has(name)) throw lockedError(path)
    const opening = openFileLog(path, () => this.#logs.delete(name))
    this.#logs.set(name, opening)
    try {
      return await opening
    } catch (error) {
      this.#logs.delete(name)
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const logs = await Promise.allSettled(this.#logs.values())
    for (const log of logs) if (log.status === 'fulfilled') await log.value.close()
    await this.db.close()
  }
}
