import type { Child } from './child.ts'

/** What the nodes of a local network have used together since they started. */
export interface Usage {
  /** CPU seconds of the node processes, all their threads. */
  readonly cpuSeconds: number
  readonly trainingCpuSeconds: number
  readonly verifyingCpuSeconds: number
  /** Of that, what went into running units of others again. */
  readonly replayingCpuSeconds: number
  /** Verification's part of all CPU time. */
  readonly verificationShare: number
  /** Of the time in which the nodes could have trained, all together, the part in which they did. */
  readonly trainingShare: number
  readonly unitsTrained: number
  readonly bytesSent: number
  /** Everything the nodes sent, by units trained: consensus and gossip included. */
  readonly bytesSentPerUnit: number
  /** The compressed update alone. */
  readonly payloadBytesPerUnit: number
  /** The largest resident memory of a node. */
  readonly memoryBytes: number
}

const TIMEOUT_MS = 5_000

/** Adds up the nodes' metrics; null when one of them does not answer. */
export async function measureUsage(children: readonly Child[]): Promise<Usage | null> {
  try {
    const all = await Promise.all(children.map(child => metricsOf(child)))
    const sum = (name: string) => all.reduce((total, metrics) => total + (metrics.get(name) ?? 0), 0)
    const cpuSeconds = sum('hydra_process_cpu_seconds_total')
    const cpuOf = (purpose: string) => sum(`hydra_compute_cpu_ms_total{purpose="${purpose}"}`) / 1000
    const replayingCpuSeconds = cpuOf('replaying')
    const verifyingCpuSeconds = cpuOf('checking') + replayingCpuSeconds
    const trainingMs = sum('hydra_training_time_ms_total{state="training"}')
    const idleMs = sum('hydra_training_time_ms_total{state="idle"}')
    const unitsTrained = sum('hydra_units_completed_total')
    const bytesSent = sum('hydra_bytes_sent_total')
    return {
      cpuSeconds: rounded(cpuSeconds),
      trainingCpuSeconds: rounded(cpuOf('training')),
      verifyingCpuSeconds: rounded(verifyingCpuSeconds),
      replayingCpuSeconds: rounded(replayingCpuSeconds),
      trainingShare: rounded(trainingMs / Math.max(1, trainingMs + idleMs)),
      verificationShare: rounded(cpuSeconds > 0 ? verifyingCpuSeconds / cpuSeconds : 0),
      unitsTrained,
      bytesSent,
      bytesSentPerUnit: Math.round(bytesSent / Math.max(1, unitsTrained)),
      payloadBytesPerUnit: Math.round(sum('hydra_update_bytes_total') / Math.max(1, unitsTrained)),
      memoryBytes: Math.max(...all.map(metrics => metrics.get('hydra_memory_bytes{kind="resident"}') ?? 0)),
    }
  } catch {
    return null
  }
}

async function metricsOf(child: Child): Promise<Map<string, number>> {
  const response = await fetch(`${child.apiUrl}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const lines = (await response.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
