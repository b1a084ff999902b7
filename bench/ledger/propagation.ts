import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BenchOptions, Figure } from './figure.ts'

const SCRIPT = fileURLToPath(new URL('../propagation.ts', import.meta.url))
const LIMIT_MS = 300_000

/** A transaction at every node: `bench/propagation.ts`, in a process of its own. */
export async function measurePropagation({ quick, say }: BenchOptions): Promise<Figure[]> {
  const nodes = quick ? 6 : 30
  say(`a transaction to ${nodes} nodes`)
  const args = ['--nodes', String(nodes), '--transactions', quick ? '20' : '200', '--json']
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  let output = ''
  for await (const chunk of child.stdout) output += chunk
  clearTimeout(timer)
  const { firstSeenMs, lastNodeMs } = JSON.parse(output) as { firstSeenMs: Percentiles; lastNodeMs: Percentiles }
  const note = `real sockets, all ${nodes} nodes in one process; half have it after ${firstSeenMs.p50.toFixed(0)} ms`
  return [
    { name: `propagation, ${nodes} nodes, p99`, value: firstSeenMs.p99, unit: 'ms', goal: { atMost: 300 }, note },
    {
      name: `propagation, ${nodes} nodes, last node p99`,
      value: lastNodeMs.p99,
      unit: 'ms',
      goal: { atMost: 2_000 },
      note: 'the slowest node of each transaction',
    },
  ]
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
}
