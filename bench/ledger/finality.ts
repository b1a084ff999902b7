import { setTimeout as sleep } from 'node:timers/promises'
import type { Hash } from '@hydraai/core'
import { transactionId } from '@hydraai/ledger'
import { type BenchOptions, type Figure, quantile } from './figure.ts'
import { withFolder } from './folders.ts'
import { LocalNetwork } from './localNetwork.ts'

/** A block is made from what came before it, so a wait of an interval and a half is what is to be expected at most. */
const GOAL_INTERVALS = 1.5
const VOTING_MS = 1_000

/** From submission at a node that does not vote to its having the block, which is final then. */
export async function measureFinality({ quick, say }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const intervalMs of quick ? [1_000] : [1_000, 10_000]) {
    say(`time to finality with a block every ${intervalMs / 1_000} s`)
    const waits = await withFolder(folder => waitsAt(folder, intervalMs, quick ? 10 : 120))
    const goal = { atMost: GOAL_INTERVALS * intervalMs + VOTING_MS }
    const [p50, p99] = [quantile(waits, 0.5), quantile(waits, 0.99)]
    const note = `${waits.length} transfers, one at a time, at any moment between two blocks`
    figures.push({
      name: `submit to final, ${intervalMs / 1_000} s blocks, p50`,
      value: p50,
      unit: 'ms',
      goal: null,
      note,
    })
    figures.push({ name: `submit to final, ${intervalMs / 1_000} s blocks, p99`, value: p99, unit: 'ms', goal, note })
  }
  return figures
}

async function waitsAt(folder: string, intervalMs: number, count: number): Promise<number[]> {
  // The accounts need money, which comes with blocks: at ten seconds each that takes minutes.
  const network = await LocalNetwork.start(folder, { blockIntervalMs: intervalMs })
  try {
    await network.fund(40)
    const pending = new Map<Hash, number>()
    const waits: number[] = []
    network.node.chain.committed.add(({ block }) => {
      const now = performance.now()
      for (const transaction of block.transactions) {
        const since = pending.get(transactionId(transaction))
        if (since !== undefined) waits.push(now - since)
      }
    })
    // Thirty-seven in a hundred intervals: no rhythm with the blocks.
    const pauseMs = 0.37 * Math.min(intervalMs, 2_000)
    for (let i = 0; i < count; i++) {
      const sent = network.send(i)
      if (sent !== null) pending.set(transactionId(sent), performance.now())
      await sleep(pauseMs)
    }
    const end = performance.now() + 4 * intervalMs + 5_000
    while (waits.length < pending.size && performance.now() < end) await sleep(50)
    if (waits.length < pending.size) throw new Error(`${pending.size - waits.length} transfers never were in a block`)
    return waits
  } finally {
    await network.stop()
  }
}
