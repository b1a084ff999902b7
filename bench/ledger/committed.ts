import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchOptions, type Figure, median } from './figure.ts'
import { withFolder } from './folders.ts'
import { LocalNetwork } from './localNetwork.ts'

const INTERVAL_MS = 1_000
/** Transactions that were sent and are not in a block: enough for the next blocks, few enough for every mempool. */
const MAX_OUTSTANDING = 6_000
const TICK_MS = 20
/** Fewer say nothing; a machine that is busy with other things takes its time. */
const MIN_BLOCKS = 10
const LIMIT_MS = 300_000
/** A quarter of what is outstanding is more than any tick can sign beside running a node. */
const MAX_PER_TICK = 100

/** Transfers a second that four validators commit, on sockets and in processes of their own, all on this machine. */
export function measureCommitted({ quick, say }: BenchOptions): Promise<Figure[]> {
  return withFolder(async folder => {
    say('four nodes begin')
    const network = await LocalNetwork.start(folder, { blockIntervalMs: INTERVAL_MS })
    try {
      await network.fund()
      say('the load begins')
      const { chain } = network.node
      const blocks: { time: number; count: number }[] = []
      let [sent, committed] = [0, 0]
      chain.committed.add(({ block }) => {
        committed += block.transactions.length
        blocks.push({ time: block.header.time, count: block.transactions.length })
      })
      const began = performance.now()
      const enough = () => performance.now() - began > (quick ? 8_000 : 60_000) && blocks.length > MIN_BLOCKS
      while (!enough() && performance.now() - began < LIMIT_MS) {
        for (let i = 0; i < MAX_PER_TICK && sent - committed < MAX_OUTSTANDING; i++) {
          if (network.send(sent) === null) break
          sent++
        }
        await sleep(TICK_MS)
      }
      // The first blocks were made before the mempools were full.
      const steady = blocks.slice(Math.min(5, blocks.length >> 1))
      if (steady.length < 2) throw new Error('hardly any block came')
      const seconds = (steady.at(-1)!.time - steady[0]!.time) / 1_000
      const count = steady.slice(1).reduce((sum, block) => sum + block.count, 0)
      const gaps = steady.slice(1).map((block, i) => block.time - steady[i]!.time)
      const largest = Math.max(...steady.map(block => block.count))
      return [
        {
          name: 'transfers committed, four nodes',
          value: count / seconds,
          unit: 'a second',
          goal: { atLeast: 500 },
          note: `${steady.length} blocks, median ${Math.round(median(gaps))} ms apart, up to ${largest} transfers in one, ${Math.round((1_000 * sent) / (performance.now() - began))} a second offered; the load's signer and a fifth node run beside them`,
        },
      ]
    } finally {
      await network.stop()
    }
  })
}
