/** Four nodes in processes of their own, over loopback, as `npm start` runs them: what the simulation is held against. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Member, membersUp } from '../../test/support/devnet.ts'
import { Program } from '../../test/support/program.ts'
import { quantile } from '../ledger/figure.ts'
import { withFolder } from '../ledger/folders.ts'

const NODES = 4
const POLL_MS = 5_000
const MAX_REPUTATION = 100
/** For starting, and for what ends a moment late. */
const SPARE_SECONDS = 300

/** What four nodes used together over a stretch of time. */
export interface RealStretch {
  readonly seconds: number
  readonly reputations: readonly [number, number]
  readonly units: number
  readonly audits: number
  /** Seconds of a core. */
  readonly cpu: {
    readonly training: number
    readonly checking: number
    readonly replaying: number
    /** Aggregations and evaluations. */
    readonly other: number
    /** The whole processes: consensus, network, storage and page too. */
    readonly all: number
  }
  readonly verificationCpuShare: number
  readonly trainingShare: number
  readonly bytesReceived: number
  readonly rewardSeconds: { readonly median: number; readonly worst: number }
}

interface RealOptions {
  readonly models: readonly string[]
  /** How long a cold and a steady stretch are measured, and how long the warm-up may take, in seconds. */
  readonly measureSeconds: number
  readonly maxWarmUpSeconds: number
  readonly say: (what: string) => void
}

/** Cold: from the start, with the founders' first reputation. Steady: once all have the best, or the time for that is over. */
export function measureReal(options: RealOptions): Promise<{ cold: RealStretch; steady: RealStretch }> {
  const { models, measureSeconds, maxWarmUpSeconds, say } = options
  return withFolder(async folder => {
    const network = join(folder, 'network')
    const args = ['--nodes', String(NODES), '--models', models.join(','), '--api-port', '0', '--data-dir', network]
    // It ends by itself as well, should this process be killed; nobody reads every digit right.
    const timeout = String(2 * measureSeconds + maxWarmUpSeconds + SPARE_SECONDS)
    const program = new Program(['devnet', '--json', ...args, '--until', 'accuracy=1', '--timeout', timeout])
    const stop = () => void program.stop()
    process.once('SIGTERM', stop)
    try {
      const members = await membersUp(network, NODES)
      const stretch = async (
        what: string,
        isOver: (at: Snapshot, seconds: number) => boolean,
      ): Promise<RealStretch> => {
        const before = await snapshotOf(members)
        for (;;) {
          await sleep(POLL_MS)
          if (program.exit !== null) throw new Error(program.tail())
          const now = await snapshotOf(members)
          const seconds = (now.at - before.at) / 1_000
          say(`${what}: ${Math.round(seconds)} s, reputation ${now.reputations[0]} to ${now.reputations[1]}`)
          if (isOver(now, seconds)) return between(members, before, now)
        }
      }
      const cold = await stretch('cold start', (_, seconds) => seconds >= measureSeconds)
      const isKnown = (now: Snapshot, seconds: number) =>
        now.reputations[0] >= MAX_REPUTATION || seconds >= maxWarmUpSeconds
      await stretch('warm-up', isKnown)
      const steady = await stretch('steady state', (_, seconds) => seconds >= measureSeconds)
      return { cold, steady }
    } finally {
      process.removeListener('SIGTERM', stop)
      if (program.exit === null) await program.stop()
    }
  })
}

interface Snapshot {
  readonly at: number
  readonly height: number
  readonly totals: ReadonlyMap<string, number>
  readonly reputations: readonly [number, number]
}

async function snapshotOf(members: readonly Member[]): Promise<Snapshot> {
  const all = await Promise.all(members.map(({ api }) => metricsOf(api.url)))
  const totals = new Map<string, number>()
  for (const metrics of all) for (const [name, value] of metrics) totals.set(name, (totals.get(name) ?? 0) + value)
  const reputations = all.map(metrics => metrics.get('hydra_reputation') ?? 0)
  const height = Math.min(...all.map(metrics => metrics.get('hydra_height') ?? 0))
  return { at: Date.now(), height, totals, reputations: [Math.min(...reputations), Math.max(...reputations)] }
}

async function metricsOf(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })
  const lines = (await response.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

async function between(members: readonly Member[], before: Snapshot, after: Snapshot): Promise<RealStretch> {
  const grown = (name: string) => (after.totals.get(name) ?? 0) - (before.totals.get(name) ?? 0)
  const cpuOf = (purpose: string) => grown(`hydra_compute_cpu_ms_total{purpose="${purpose}"}`) / 1_000
  const trainingMs = grown('hydra_training_time_ms_total{state="training"}')
  const idleMs = grown('hydra_training_time_ms_total{state="idle"}')
  const cpu = {
    training: cpuOf('training'),
    checking: cpuOf('checking'),
    replaying: cpuOf('replaying'),
    other: cpuOf('other'),
    all: grown('hydra_process_cpu_seconds_total'),
  }
  return {
    seconds: (after.at - before.at) / 1_000,
    reputations: after.reputations,
    // Every node counts the same ledger.
    units: grown('hydra_updates_total{outcome="accepted"}') / members.length,
    audits: grown('hydra_audits_total') / members.length,
    cpu,
    verificationCpuShare: (cpu.checking + cpu.replaying) / cpu.all,
    trainingShare: trainingMs / Math.max(1, trainingMs + idleMs),
    bytesReceived: grown('hydra_bytes_received_total'),
    rewardSeconds: await rewardSeconds(members[0]!, before.height, after.height),
  }
}

/** From the block with a unit's commitment to the block with its reward. */
async function rewardSeconds({ api }: Member, from: number, to: number): Promise<{ median: number; worst: number }> {
  const committed = new Map<string, number>()
  const waits: number[] = []
  for (let height = from + 1; height <= to; height++) {
    const { time, events } = await api.block(height)
    const at = typeof time === 'number' ? time : Date.parse(time)
    for (const { type, transaction } of events) {
      if (type === 'commit') committed.set(transaction, at)
      const began = type === 'unit-reward' ? committed.get(transaction) : undefined
      if (began !== undefined) waits.push((at - began) / 1_000)
    }
  }
  return { median: quantile(waits, 0.5), worst: quantile(waits, 1) }
}
