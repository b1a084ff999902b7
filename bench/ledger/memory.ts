import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, toHex, utf8 } from '@hydraai/core'
import { buildLongChain } from '../../packages/node/src/testing/longChain.ts'
import type { BenchOptions, Figure } from './figure.ts'
import { withFolder } from './folders.ts'
import type { Memory } from './peer.ts'
import { Peer } from './processes.ts'

const LIMIT_MS = 900_000
/** What an idle node takes, most of it the runtime and the network. */
const GOAL_MIB = 300

/** What a node that votes holds after many empty blocks, which it makes as fast as it can. */
export function measureMemory({ quick, say }: BenchOptions): Promise<Figure[]> {
  return withFolder(async folder => {
    const heights = quick ? [200, 1_000] : [1_000, 10_000]
    const { genesis } = buildLongChain({
      blocks: 0,
      transactions: 0,
      validators: 1,
      parameters: { blockIntervalMs: 1 },
    })
    const place = join(folder, 'node')
    await mkdir(place)
    say(`making ${heights.at(-1)} empty blocks`)
    // The founder of a long chain, as it derives its keys.
    const seed = toHex(sha256(utf8('validator 0 of a long chain')))
    const peer = await Peer.start({ folder: place, genesis, task: { role: 'validate', heights }, seed })
    try {
      const began = performance.now()
      const seen: Memory[] = []
      for (const _ of heights) {
        const report = await peer.next(LIMIT_MS)
        if (report.type === 'memory') seen.push(report.at)
      }
      const [first, last] = [seen[0]!, seen.at(-1)!]
      const grown = ((last.heapMib - first.heapMib) * 1_024) / (last.height - first.height)
      const seconds = (performance.now() - began) / 1_000
      return [
        {
          name: `memory after ${heights.at(-1)} blocks`,
          value: last.rssMib,
          unit: 'MiB',
          goal: { atMost: GOAL_MIB },
          note: `after a collection; ${first.rssMib.toFixed(0)} after ${first.height}; heap ${last.heapMib.toFixed(0)}, ${grown.toFixed(2)} KiB more a block; ${Math.round(seconds)} s`,
        },
      ]
    } finally {
      await peer.stop()
    }
  })
}
