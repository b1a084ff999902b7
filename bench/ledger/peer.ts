// One node in a process of its own, for the benchmarks: it does what the first message says and reports back. Ends when
// the process that started it ends.
import { readFile } from 'node:fs/promises'
import { fromHex, keyPairFromSeed } from '@hydraai/core'
import { genesisOfJson } from '@hydraai/ledger'
import { DataFolder, type HydraNode, silentLogger, startNode } from '@hydraai/node'

export type Task =
  /** Serves the chain in its folder, with a snapshot of its last state. */
  | { readonly role: 'serve' }
  /** Begins with nothing and says when it has come to `height`. */
  | { readonly role: 'join'; readonly sync: 'blocks' | 'snapshot'; readonly peer: string; readonly height: number }
  /** Alone makes blocks and says what memory it takes at each of these heights. */
  | { readonly role: 'validate'; readonly heights: readonly number[] }

export interface Assignment {
  readonly task: Task
  readonly folder: string
  readonly genesisFile: string
  /** Of its key, 32 bytes in hex. */
  readonly seed: string
  readonly port: number
}

export interface Memory {
  readonly height: number
  readonly rssMib: number
  readonly heapMib: number
}

export type Report =
  | { readonly type: 'ready' }
  /** `ms`: from knowing the peer; `metMs`: from the start of the node to that. */
  | { readonly type: 'joined'; readonly ms: number; readonly metMs: number; readonly cpuMs: number }
  | { readonly type: 'memory'; readonly at: Memory }

process.on('disconnect', () => process.exit(1))
process.once('message', (assignment: Assignment) => {
  run(assignment).catch(error => {
    console.error(error)
    process.exit(1)
  })
})

async function run({ task, folder, genesisFile, seed, port }: Assignment): Promise<void> {
  const began = performance.now()
  const { node, stop } = await startNode({
    folder: new DataFolder(folder),
    genesis: genesisOfJson(await readFile(genesisFile, 'utf8')),
    keys: keyPairFromSeed(fromHex(seed)),
    name: task.role,
    host: '127.0.0.1',
    port,
    bootstrap: task.role === 'join' ? [task.peer] : [],
    ...(task.role === 'join' && { sync: task.sync }),
    stakes: false,
    trains: false,
    logger: silentLogger,
  })
  if (task.role === 'serve') {
    await node.snapshots.take(node.chain.state)
    tell({ type: 'ready' })
    return
  }
  if (task.role === 'join') {
    await new Promise<void>(resolve => {
      node.peers.met.add(() => resolve())
      if (node.peers.all().length > 0) resolve()
    })
    const [met, cpu] = [performance.now(), process.cpuUsage()]
    await reached(node, task.height)
    const { user, system } = process.cpuUsage(cpu)
    tell({ type: 'joined', ms: performance.now() - met, metMs: met - began, cpuMs: (user + system) / 1_000 })
  } else {
    for (const height of task.heights) {
      await reached(node, height)
      tell({ type: 'memory', at: memoryOf(node.chain.height) })
    }
  }
  await stop()
  process.exit(0)
}

function reached({ chain }: HydraNode, height: number): Promise<void> {
  return new Promise(resolve => {
    const look = () => chain.height >= height && resolve()
    chain.committed.add(look)
    chain.restored.add(look)
    look()
  })
}

/** After a collection: what is really held. */
function memoryOf(height: number): Memory {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  return { height, rssMib: rss / 1_048_576, heapMib: heapUsed / 1_048_576 }
}

function tell(report: Report): void {
  process.send?.(report)
}
