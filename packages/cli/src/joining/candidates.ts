import { DEFAULT_PORT, type NodeSettings } from '../options/nodeOptions.ts'
import { readBootstrapList } from './networkFile.ts'

/** Who to join through: the named peers, the bootstrap list of the data folder, and the usual port of this machine. */
export async function joinCandidates({ peers, dataDir, port, localDiscovery }: NodeSettings): Promise<string[]> {
  const listed = await readBootstrapList(dataDir)
  const local = localDiscovery && port !== DEFAULT_PORT ? [`/ip4/127.0.0.1/tcp/${DEFAULT_PORT}`] : []
  return [...new Set([...peers, ...listed, ...local])]
}
