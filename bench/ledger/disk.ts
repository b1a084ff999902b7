import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildLongChain } from '../../packages/node/src/testing/longChain.ts'
import type { BenchOptions, Figure } from './figure.ts'
import { bytesIn, withFolder } from './folders.ts'
import { writeChain } from './processes.ts'

const MIB = 1_048_576

/** What a thousand blocks take on disk, everything that is kept beside them included. */
export function measureDisk({ quick, say }: BenchOptions): Promise<Figure[]> {
  return withFolder(async folder => {
    const figures: Figure[] = []
    for (const transactions of [0, 100]) {
      const count = quick ? 100 : 1_000
      say(`writing ${count} blocks of ${transactions} transfers`)
      const long = buildLongChain({ blocks: count, transactions, validators: 4 })
      const place = join(folder, `${transactions}`)
      await mkdir(place)
      await writeChain(place, long)
      const bytes = await bytesIn(place)
      figures.push({
        name: `disk per 1,000 blocks of ${transactions} transfers`,
        value: (1_000 * bytes) / long.blocks.length / MIB,
        unit: 'MiB',
        goal: null,
        note: `four validators; blocks, commits, events, indexes and state; ${Math.round(bytes / long.blocks.length)} bytes a block`,
      })
    }
    return figures
  })
}
