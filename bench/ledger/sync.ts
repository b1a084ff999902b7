import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildLongChain } from '../../packages/node/src/testing/longChain.ts'
import { type BenchOptions, type Figure, median } from './figure.ts'
import { withFolder } from './folders.ts'
import { Peer, writeChain } from './processes.ts'

const TRANSACTIONS = 100
const LIMIT_MS = 180_000

/** How long a node that has nothing takes to fetch and check a chain from one peer, on sockets, each in its own process. */
export function measureSync({ quick, say }: BenchOptions): Promise<Figure[]> {
  return withFolder(async folder => {
    const count = quick ? 100 : 1_000
    say(`building a chain of ${count} blocks`)
    // A light client believes nothing from a genesis that is days old, nor from a block of the future.
    const time = Date.now() - (count + 20) * 10_000
    const long = buildLongChain({ blocks: count, transactions: TRANSACTIONS, validators: 4, time })
    const serverFolder = join(folder, 'server')
    await mkdir(serverFolder)
    await writeChain(serverFolder, long)
    const server = await Peer.start({ folder: serverFolder, genesis: long.genesis, task: { role: 'serve' } })
    try {
      await server.next(LIMIT_MS)
      const figures: Figure[] = []
      for (const sync of ['blocks', 'snapshot'] as const) {
        const seconds: number[] = []
        const cpu: number[] = []
        const met: number[] = []
        for (let i = 0; i < (quick ? 1 : 3); i++) {
          say(`joining by ${sync}`)
          const place = join(folder, `${sync}${i}`)
          await mkdir(place)
          const task = { role: 'join' as const, sync, peer: server.multiaddr, height: long.state.height }
          const joining = await Peer.start({ folder: place, genesis: long.genesis, task })
          try {
            const report = await joining.next(LIMIT_MS)
            if (report.type === 'joined') {
              seconds.push(report.ms / 1_000)
              cpu.push(report.cpuMs / 1_000)
              met.push(report.metMs / 1_000)
            }
          } finally {
            await joining.stop()
          }
        }
        figures.push({
          name: `sync by ${sync}, ${count} blocks of ${TRANSACTIONS}`,
          value: median(seconds),
          unit: 's',
          goal: quick ? null : { atMost: 5 },
          note: `from knowing the peer, which took ${median(met).toFixed(1)} s before; ${median(cpu).toFixed(1)} s of processor time; median of ${seconds.length}`,
        })
      }
      return figures
    } finally {
      await server.stop()
    }
  })
}
