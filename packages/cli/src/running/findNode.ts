/** Which node of this machine a command speaks to. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HydraError } from '@hydraai/core'
import { DataFolder } from '@hydraai/node'
import { homeFolder } from '../environment.ts'
import { NodeClient } from './nodeClient.ts'

/** How a person names a node: nothing at all where there is one. */
export interface NodeChoice {
  readonly user?: string
  readonly dataDir?: string
  readonly apiPort?: number
}

export interface FoundNode {
  readonly folder: DataFolder
  readonly client: NodeClient
}

/** Where the local network lies unless told otherwise. */
const DEVNET_FOLDER = fileURLToPath(new URL('../../../../.hydra/devnet', import.meta.url))
const MAX_FOLDERS = 256

/**
 * The running node that is meant. Given a folder, the one in it (in that of a local network, its first); else the only one
 * of this machine, the local network's counting as one. `apiPort` picks among them.
 * @throws HydraError NODE_NOT_RUNNING, NODE_AMBIGUOUS
 */
export async function findNode(choice: NodeChoice): Promise<FoundNode> {
  const named = choice.dataDir !== undefined || choice.user !== undefined
  const groups = named
    ? [await foldersIn(folderOf(choice))]
    : [...(await homeFolders()), await foldersIn(DEVNET_FOLDER)]
  const running: FoundNode[] = []
  for (const group of groups) {
    for (const path of group) {
      const found = await runningIn(path, choice.apiPort)
      if (found === undefined) continue
      running.push(found)
      break
    }
  }
  const [first, second] = running
  if (first === undefined) throw notRunning(choice, named)
  if (second === undefined) return first
  throw new HydraError('NODE_AMBIGUOUS', `${running.length} nodes run on this machine.`, {
    advice: `Say which one: ${running.map(({ folder }) => `--data-dir ${folder.path}`).join(' or ')}.`,
  })
}

function folderOf({ user, dataDir }: NodeChoice): string {
  return resolve(dataDir ?? join(homeFolder(), user!))
}

/** The folder itself, and the folders in it: a local network has one for each of its nodes. */
async function foldersIn(path: string): Promise<string[]> {
  return [path, ...(await namesIn(path)).map(name => join(path, name))]
}

async function homeFolders(): Promise<string[][]> {
  const home = homeFolder()
  return (await namesIn(home)).map(name => [join(home, name)])
}

async function namesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    const folders = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
    return folders.sort((a, b) => (a < b ? -1 : 1)).slice(0, MAX_FOLDERS)
  } catch {
    return []
  }
}

/** Undefined when nobody answers: a node that was killed leaves its note behind. */
async function runningIn(path: string, apiPort: number | undefined): Promise<FoundNode | undefined> {
  const folder = new DataFolder(path)
  const api = await folder.api()
  if (api === undefined || (apiPort !== undefined && Number(new URL(api.url).port) !== apiPort)) return undefined
  const client = new NodeClient(api.url, api.token)
  return (await client.isThere()) ? { folder, client } : undefined
}

function notRunning(choice: NodeChoice, named: boolean): HydraError {
  const where = named ? ` in ${folderOf(choice)}` : ''
  const port = choice.apiPort === undefined ? '' : ` with its API on port ${choice.apiPort}`
  return new HydraError('NODE_NOT_RUNNING', `No node runs${where}${port}.`, {
    advice: named
      ? 'Start it in another terminal, or name another folder with --data-dir.'
      : 'Start one in another terminal: hydra_node, or hydra_node devnet. If it has a folder of its own, name it with --data-dir.',
  })
}
