import { HydraError } from '@hydraai/core'
import { DataFolder } from '@hydraai/node'
import { dataDirOf } from '../options/nodeOptions.ts'
import { findNode } from '../running/findNode.ts'

export interface FolderChoice {
  readonly user?: string
  readonly dataDir?: string
}

/** The folder of the running node that is to ask. @throws HydraError NODE_NOT_RUNNING, NODE_AMBIGUOUS */
export async function askingFolder({ user, dataDir }: FolderChoice): Promise<DataFolder> {
  try {
    return (await findNode({ ...(user && { user }), ...(dataDir && { dataDir }) })).folder
  } catch (error) {
    if (!(error instanceof HydraError) || error.code !== 'NODE_NOT_RUNNING') throw error
    throw new HydraError(error.code, error.message, {
      advice: `${error.advice} Or add --local: the model that is stored here answers for free, without a network.`,
      cause: error,
    })
  }
}

/** Where models are looked up: the folder that is named, else that of the one running node, else the usual one. */
export async function modelFolder(choice: FolderChoice): Promise<DataFolder> {
  const { user, dataDir } = choice
  if (user !== undefined || dataDir !== undefined) return new DataFolder(dataDirOf(choice))
  return await askingFolder({}).catch(() => new DataFolder(dataDirOf({})))
}
