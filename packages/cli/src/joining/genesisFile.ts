import { HydraError } from '@hydraai/core'
import { type Genesis, genesisOfJson } from '@hydraai/ledger'
import type { DataFolder } from '@hydraai/node'
import { readSmallFile } from '../files.ts'

/** The genesis in a file. Throws FILE_MISSING, GENESIS_INVALID. */
export async function readGenesisFile(path: string): Promise<Genesis> {
  const text = await readSmallFile(path)
  return naming(path, 'Get the genesis file again from whoever founded the network.', () => genesisOfJson(text))
}

/** The genesis that a data folder is pinned to, if it is. Throws GENESIS_INVALID when that file is damaged. */
export async function pinnedGenesis(folder: DataFolder): Promise<Genesis | undefined> {
  const advice = 'Put the genesis file of your network in its place; nothing else in the folder is touched.'
  return naming(folder.genesisFile, advice, () => folder.genesis())
}

async function naming<T>(path: string, advice: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof HydraError) || cause.code !== 'GENESIS_INVALID') throw cause
    throw new HydraError('GENESIS_INVALID', `${path}: ${cause.message}`, { advice, cause })
  }
}
