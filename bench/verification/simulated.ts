/** The real services of a node on the simulator's clock, with the times that the jobs of a real model take. */
import { MICRO, segmentsOf } from '@hydraai/core'
import { type Machine, World } from '@hydraai/simulator'
import { tinyTask } from '@hydraai/training'
import { engineWasm } from '../../packages/simulator/src/engineWasm.ts'
import { median } from '../ledger/figure.ts'
import type { Scenario, Stretch } from './scenario.ts'
import { NOTHING_SPENT, type Spent, TimedCompute } from './timedCompute.ts'
import { Watch } from './watch.ts'

/** Enough that the audits are as rare as the highest reputation allows. */
const STAKE = 2_000n * MICRO
const STEP_MS = 1_000
const MAX_REPUTATION = 100

/** Cold: from the first round, when nobody has a name. Steady: once every trainer has the best. */
export async function simulateNetwork(
  scenario: Scenario,
  say: (what: string) => void,
): Promise<{ readonly cold: Stretch; readonly steady: Stretch }> {
  const { nodes, cores, costs, parameters } = scenario
  const computes: TimedCompute[] = []
  const world = await World.create({
    seed: 1,
    nodes,
    wasm: engineWasm,
    stake: () => STAKE,
    tasks: [{ id: scenario.model, ...smallTask(scenario) }],
    parameters,
    compute: ({ index, bench, clock }) => {
      const compute = new TimedCompute({ bench, clock, costs, cores })
      computes[index] = compute
      return compute
    },
  })
  for (const machine of world.machines) await world.boot(machine)
  const measure = (until: (watch: Watch) => boolean, what: string) =>
    measureStretch({ world, computes, scenario, until, say: text => say(`${what}: ${text}`) })
  // The first round begins before all nodes have met.
  await measure(watch => watch.rounds >= 1, 'first round')
  const cold = await measure(watch => watch.rounds >= Math.min(3, scenario.rounds), 'cold start')
  const isKnown = () => reputationsOf(world)[0] >= MAX_REPUTATION
  await measure(watch => isKnown() || watch.rounds >= scenario.maxWarmUp, 'warm-up')
  const steady = await measure(watch => watch.rounds >= scenario.rounds, 'steady state')
  return { cold, steady }
}

/** The tiny task with a trace of as many segments, and all that decides how rounds go, as the model has it. */
function smallTask({ recipe }: Scenario) {
  const task = tinyTask()
  const { maxUnitsPerRound, compression, aggregation } = recipe
  const small = { ...task.recipe, stepsPerUnit: segmentsOf(recipe), traceEvery: 1, maxUnitsPerRound }
  return { ...task, recipe: { ...small, compression, aggregation } }
}

async function measureStretch(parts: {
  readonly world: World
  readonly computes: readonly TimedCompute[]
  readonly scenario: Scenario
  readonly until: (watch: Watch) => boolean
  readonly say: (what: string) => void
}): Promise<Stretch> {
  const { world, computes, scenario, until, say } = parts
  const { costs, nodes } = scenario
  const watch = new Watch(segmentsOf(scenario.recipe))
  const { chain } = world.machines[0]!.node!
  const forget = chain.committed.add(committed => watch.onBlock(committed))
  const before = snapshotOf(world, computes)
  const began = world.clock.now()
  while (!until(watch)) {
    await world.run(STEP_MS)
    world.assertSafe()
    say(`round ${watch.rounds}, block ${watch.blocks}`)
  }
  forget()
  const after = snapshotOf(world, computes)
  const elapsedMs = world.clock.now() - began
  const spent = differenceOf(after.spent, before.spent)
  const decided = Math.max(1, watch.accepted + watch.lost)
  const verification = spent.checking + spent.replaying + spent.ruling
  const all = verification + spent.training + spent.aggregating + spent.evaluating

  // The small model's updates stand for those of the real one; whatever else is sent is what it is.
  const received = (name: string) => (after.bytes[name] ?? 0) - (before.bytes[name] ?? 0)
  const total = Object.keys(after.bytes).reduce((sum, name) => sum + received(name), 0)
  const [content, transactions] = [received('content/1'), received('transactions/1')]
  const sentAsTransactions = watch.bytes.verification + watch.bytes.otherTransactions
  const inBlocks = watch.bytes.verification * (nodes - 1)
  const gossiped = (transactions * watch.bytes.verification) / Math.max(1, sentAsTransactions)
  const residuals = watch.audited * costs.residualBytes
  const updates = watch.revealed * (nodes - 1) * costs.payloadBytes
  const verificationBytes = inBlocks + gossiped + residuals
  const bytes = {
    total: total - content + updates + residuals,
    updates,
    verification: verificationBytes,
    consensus: received('consensus/1'),
  }
  return {
    seconds: elapsedMs / 1_000,
    blocks: watch.blocks,
    rounds: watch.rounds,
    units: watch.accepted,
    unpaid: watch.lost,
    disputes: watch.disputes,
    reputations: reputationsOf(world),
    auditedShare: watch.audited / decided,
    suspectedShare: watch.suspected / decided,
    replaysPerUnit: watch.replays / decided,
    cpu: mapped(spent, ms => ms / 1_000),
    verificationCpuShare: verification / all,
    verificationPerTraining: verification / spent.training,
    trainingShare: (after.trainingMs - before.trainingMs) / (elapsedMs * nodes),
    paidTrainingShare: (watch.accepted * costs.trainMs) / (elapsedMs * nodes),
    bytes,
    verificationBytesShare: bytes.verification / bytes.total,
    rewardSeconds: watch.waitSeconds,
    gapBlocks: median(watch.gaps),
  }
}

function snapshotOf(world: World, computes: readonly TimedCompute[]) {
  const spent: Spent = { ...NOTHING_SPENT }
  for (const compute of computes) for (const purpose of purposesOf(spent)) spent[purpose] += compute.spent[purpose]
  const bytes: Record<string, number> = {}
  for (const { node } of world.machines) {
    const { topics, protocols } = node!.ports.network.counters()
    for (const [name, { bytesReceived }] of [...Object.entries(topics), ...Object.entries(protocols)])
      bytes[name] = (bytes[name] ?? 0) + bytesReceived
  }
  const trainingMs = world.machines.reduce((sum, machine) => sum + trainingOf(machine, world), 0)
  return { spent, bytes, trainingMs }
}

function trainingOf({ node }: Machine, { clock }: World): number {
  return node!.activity.time.until(clock.now()).trainingMs
}

function reputationsOf({ machines }: World): [number, number] {
  const { accounts } = machines[0]!.node!.state
  const all = machines.map(({ address }) => accounts.get(address)?.reputation ?? 0)
  return [Math.min(...all), Math.max(...all)]
}

function differenceOf(after: Spent, before: Spent): Spent {
  const difference = { ...after }
  for (const purpose of purposesOf(difference)) difference[purpose] -= before[purpose]
  return difference
}

function mapped(spent: Spent, change: (ms: number) => number): Spent {
  const changed = { ...spent }
  for (const purpose of purposesOf(changed)) changed[purpose] = change(changed[purpose])
  return changed
}

function purposesOf(spent: Spent): (keyof Spent)[] {
  return Object.keys(spent) as (keyof Spent)[]
}
