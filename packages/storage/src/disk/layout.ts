import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HydraError } from '@hydraai/core'
import { corruptError } from '../errors.ts'
import { syncFolder, writeFileDurably } from './files.ts'

/** What the file FORMAT of a folder says; a number that rises with every change that older programs cannot read. */
const FORMAT = 'hydra-storage/1'

/** Where things lie in a node's folder. */
export interface Layout {
  folder: string
  db: string
  logs: string
  format: string
}

export function layoutOf(folder: string): Layout {
  return { folder, db: join(folder, 'db'), logs: join(folder, 'logs'), format: join(folder, 'FORMAT') }
}

/**
 * Makes the folders of a new node, or looks an existing one over before anything opens it. LevelDB would found a new,
 * empty database where its CURRENT file is missing, over whatever else is there: that must not happen to a folder
 * that had one.
 *
 * @returns whether a database is there
 */
export async function prepareLayout(layout: Layout): Promise<boolean> {
  await mkdir(layout.db, { recursive: true, mode: 0o700 })
  await mkdir(layout.logs, { recursive: true, mode: 0o700 })
  const format = await readIfThere(layout.format)
  if (format !== null && format.trim() !== FORMAT) {
    throw new HydraError('STORAGE_VERSION', `${layout.folder} was written by another version of this program.`, {
      advice: 'Use the version that wrote it, or give this one a new folder with --data-dir.',
      details: { format: format.slice(0, 80) },
    })
  }
  const names = await readdir(layout.db)
  if (names.includes('CURRENT')) return true
  // A first start that was killed can leave a manifest and no CURRENT, but never data.
  if (format !== null || (await holdsData(layout.db, names))) {
    throw corruptError(layout.db, 'its file CURRENT is missing')
  }
  return false
}

/** Marks the folder as one that has a database from now on. */
export async function finishLayout(layout: Layout): Promise<void> {
  if ((await readIfThere(layout.format)) !== null) return
  await syncFolder(layout.db)
  await writeFileDurably(layout.format, `${FORMAT}\n`)
}

async function holdsData(db: string, names: string[]): Promise<boolean> {
  for (const name of names) {
    if (/\.(ldb|sst)$/.test(name)) return true
    if (/^\d+\.log$/.test(name) && (await stat(join(db, name))).size > 0) return true
  }
  return false
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
