import { HydraError } from '@hydraai/core'
import type { DataFolder } from '@hydraai/node'
import { openDiskStorage, type Storage } from '@hydraai/storage'

/** The folder's store, for this command alone. Throws STORAGE_LOCKED, with advice, while a node uses it. */
export async function openFolderStorage(folder: DataFolder, doing: 'export' | 'import'): Promise<Storage> {
  try {
    return await openDiskStorage(folder.storeFolder)
  } catch (error) {
    if (!(error instanceof HydraError) || error.code !== 'STORAGE_LOCKED') throw error
    throw new HydraError('STORAGE_LOCKED', `The folder ${folder.path} is in use by a running node.`, {
      advice: `Stop that node with Ctrl-C, ${doing} the chain, and start it again.`,
      cause: error,
    })
  }
}
