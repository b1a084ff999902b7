import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { KeyPair } from '@hydraai/core'
import type { Genesis } from '@hydraai/ledger'
import { libp2pNetwork } from '@hydraai/network'
import { openDiskStorage } from '@hydraai/storage'
import { ApiServer } from '../api/apiServer.ts'
import { loadOrCreateToken } from '../api/token.ts'
import { WorkerCompute } from '../compute/workers.ts'
import { HydraNode, type NodeOptions } from '../node.ts'
import type { Logger } from '../ports.ts'
import { SignatureWorkers } from '../sync/signatures/workers.ts'
import type { DataFolder } from './dataFolder.ts'
import { systemClock } from './systemClock.ts'

export interface StartOptions
  extends Pick<NodeOptions, 'stakes' | 'trains' | 'sync' | 'trust' | 'keepBlocks' | 'tamper'> {
  readonly folder: DataFolder
  readonly genesis: Genesis
  readonly keys: KeyPair
  readonly name: string
  /** What to listen on. Loopback keeps the node on this machine. */
  readonly host: string
  readonly port: number
  /** Told to peers in place of `host`. */
  readonly publicIp?: string
  /** Multiaddrs to join through. */
  readonly bootstrap: readonly string[]
  readonly lan?: boolean
  /** Threads that share the steps of a unit; one unless given. */
  readonly threads?: number
  /** 0 takes any free port; undefined serves no API. */
  readonly apiPort?: number
  readonly logger: Logger
}

/** A node of this process, with its page when it serves one. */
export interface RunningNode {
  readonly node: HydraNode
  readonly api: { readonly url: string; readonly token: string } | null
  stop(): Promise<void>
}

/** Assembles a node on disk, sockets and threads, and starts it. What was opened is closed again when a step fails. */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const { folder, genesis, keys, name, host, port, logger } = options
  await folder.create()
  const closers: (() => Promise<unknown>)[] = []
  try {
    const seed = await folder.peerKey()
    const storage = await openDiskStorage(folder.storeFolder)
    closers.unshift(() => storage.close())
    const network = libp2pNetwork({
      seed,
      listen: [multiaddrOf(host, port)],
      ...(options.publicIp && { announce: [multiaddrOf(options.publicIp, port)] }),
      bootstrap: [...options.bootstrap],
      localNetwork: isLoopback(host),
      protocolPrefix: `/hydra/${genesis.chainId}`,
      lan: options.lan ?? false,
      logger,
    })
    const compute = new WorkerCompute({ threads: options.threads ?? 1 })
    closers.unshift(() => compute.close())
    const signatures = new SignatureWorkers()
    const node = await HydraNode.open(
      {
        genesis,
        name,
        ...(options.stakes !== undefined && { stakes: options.stakes }),
        ...(options.trains !== undefined && { trains: options.trains }),
        ...(options.sync && { sync: options.sync }),
        ...(options.trust && { trust: options.trust }),
        ...(options.keepBlocks !== undefined && { keepBlocks: options.keepBlocks }),
        ...(options.tamper && { tamper: options.tamper }),
      },
      { clock: systemClock, network, storage, compute, keys, logger, random: Math.random, signatures },
    )
    closers.length = 0
    closers.unshift(() => node.stop())
    // First the page: when its port is taken, the node has not begun anything yet.
    const server = options.apiPort === undefined ? null : await serveApi(options.apiPort, options, node)
    if (server) closers.unshift(() => server.stop())
    await node.start()
    if (server) await folder.noteApi(server)
    return {
      node,
      api: server && { url: server.url, token: server.token },
      async stop() {
        if (server) await folder.noteApi(null)
        await server?.stop()
        await node.stop()
      },
    }
  } catch (error) {
    for (const close of closers) await close().catch(() => {})
    throw error
  }
}

async function serveApi(port: number, { folder, name, logger }: StartOptions, node: HydraNode) {
  const token = await loadOrCreateToken(folder.path)
  const staticFolder = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url))
  const server = new ApiServer(
    { port, token, name, ...(existsSync(staticFolder) && { staticFolder }) },
    { node, logger },
  )
  const { url } = await server.start()
  return { url, token, stop: () => server.stop() }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

function multiaddrOf(host: string, port: number): string {
  const family = host.includes(':') ? 'ip6' : /^[0-9.]+$/.test(host) ? 'ip4' : 'dns'
  return `/${family}/${host}/tcp/${port}`
}
