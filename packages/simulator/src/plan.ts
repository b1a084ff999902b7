import { bool, type Infer, list, struct, text, uint, uintMax, uintRange } from '@hydraai/core'
import type { ChainParameters } from '@hydraai/ledger'
import { drawFaults } from './faults/drawFaults.ts'
import { faultsCodec, MAX_MACHINES } from './faults/fault.ts'
import { SeededRandom } from './seededRandom.ts'

const span = uintMax(3_600_000)

/** All that a run follows from. Plain data: written to a file, it can be run again anywhere. */
export const planCodec = struct({
  seed: uint,
  /** Founders. */
  nodes: uintRange(1, MAX_MACHINES),
  newcomers: uintMax(MAX_MACHINES),
  /** Whether the nodes train a tiny model; if not, clients send transactions and validators come and go. */
  trains: bool,
  committeeSize: uintRange(1, MAX_MACHINES),
  maxSkewMs: span,
  stormMs: span,
  /** Within which every honest machine must have gone on after healing. */
  healMs: span,
  /** Machines that do not keep to the protocol, by the kind of their actor. */
  byzantine: list(struct({ machine: uintMax(MAX_MACHINES - 1), kind: text({ maxBytes: 64 }) }), { max: MAX_MACHINES }),
  faults: faultsCodec,
})
export type Plan = Infer<typeof planCodec>

const MIN_NODES = 4
const MAX_NODES = 16
/** Messages grow with the square of the machines: large networks have shorter storms. */
const LARGE = 8
const STORMS_MS = [20_000, 40_000]
const SHORT_STORMS_MS = [10_000, 20_000]
/** Every so manieth seed trains. */
const TRAINS_EVERY = 5

export interface PlanOptions {
  readonly seed: number
  /** 4 to 16 by the seed unless given. */
  readonly nodes?: number
  readonly trains?: boolean
  readonly stormMs?: number
  readonly healMs?: number
  /** Kinds of actors to draw from; none unless given. */
  readonly actors?: readonly string[]
}

/** What a seed stands for. */
export function planOf(options: PlanOptions): Plan {
  const { seed, actors = [], healMs = 120_000 } = options
  const random = new SeededRandom(seed, 6)
  // Small networks more often: they are quick, and most of what goes wrong goes wrong with four.
  const drawn = Math.min(random.between(MIN_NODES, MAX_NODES), random.between(MIN_NODES, MAX_NODES))
  const nodes = options.nodes ?? drawn
  const trains = options.trains ?? seed % TRAINS_EVERY === 0
  const newcomers = trains ? 0 : random.below(3)
  const faulty = Math.ceil(nodes / 3) - 1
  const risky = random.shuffled(Array.from({ length: nodes }, (_, i) => i)).slice(0, faulty)
  const isByzantine = actors.length > 0
  const byzantine = isByzantine ? drawByzantine(random, risky, actors) : []
  const smallCommittee = faulty > 0 && !isByzantine && random.below(4) === 0
  const stormMs = options.stormMs ?? random.pick(nodes < LARGE ? STORMS_MS : SHORT_STORMS_MS)
  const machines = nodes + newcomers
  const mayFlip = isByzantine || smallCommittee ? [] : risky
  return {
    seed,
    nodes,
    newcomers,
    trains,
    committeeSize: smallCommittee ? Math.max(MIN_NODES, nodes - 1 - random.below(3)) : 64,
    maxSkewMs: 200,
    stormMs,
    healMs,
    byzantine,
    faults: drawFaults(new SeededRandom(seed, 4), { machines, forMs: stormMs, mayFlip }),
  }
}

/** All that may be, or fewer; each with a behaviour of its own, or all with the same one and conspiring. */
function drawByzantine(random: SeededRandom, risky: readonly number[], kinds: readonly string[]): Plan['byzantine'] {
  const count = random.below(2) === 0 ? risky.length : random.between(Math.min(1, risky.length), risky.length)
  const common = random.below(2) === 0 ? random.pick(kinds) : null
  return risky.slice(0, count).map(machine => ({ machine, kind: common ?? random.pick(kinds) }))
}

/** Machines that may do wrong, or may forget what they did: less than a third of the power. */
export function riskyOf({ byzantine, faults }: Plan): ReadonlySet<number> {
  const flipped = faults.flatMap(fault => (fault.type === 'flip' ? [fault.machine] : []))
  return new Set([...byzantine.map(({ machine }) => machine), ...flipped])
}

/** Epochs, rests and unbondings short enough that a run sees many. */
export function parametersOf(plan: Plan): Partial<ChainParameters> {
  return {
    committeeSize: Math.min(64, plan.committeeSize),
    epochBlocks: 8,
    restEpochs: 2,
    dormantBlocks: 40,
    evidenceBlocks: 24,
    unbondingBlocks: 32,
  }
}

/** A plan from the text of a file. @throws HydraError CODEC_INVALID, SyntaxError */
export function planOfJson(json: string): Plan {
  return planCodec.fromWire(JSON.parse(json), '$')
}

export function planToJson(plan: Plan): string {
  const { faults, ...rest } = plan
  const lines = faults.map(fault => `    ${JSON.stringify(fault)}`).join(',\n')
  return `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "faults": [\n${lines}\n  ]\n}\n`
}
