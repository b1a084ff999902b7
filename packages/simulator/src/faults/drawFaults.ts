import { EFFECTS, MOMENTS } from '../fuse.ts'
import type { SeededRandom } from '../seededRandom.ts'
import type { Fault, FaultType } from './fault.ts'

/** How often each kind comes among those that a storm has. */
const WEIGHTS: readonly (readonly [FaultType, number])[] = [
  ['wires', 3],
  ['partition', 2],
  ['cut', 2],
  ['swizzle', 2],
  ['mend', 3],
  ['crash', 4],
  ['fuse', 6],
  ['pause', 2],
  ['flip', 2],
  ['full', 1],
  ['clock', 2],
]
const CUTS: ReadonlySet<FaultType> = new Set(['partition', 'cut'])
/** A clock that jumps stays within this of the truth, mostly. */
const JUMPS_MS = [50, 500, 3_000, 20_000, 600_000]

export interface Storm {
  readonly machines: number
  readonly forMs: number
  /** Machines that a flipped bit may hit: their memory of what they signed may be lost, so they count as faulty. */
  readonly mayFlip: readonly number[]
}

/** A storm of faults. Each storm has some kinds of faults only, so that no kind hides behind the others. */
export function drawFaults(random: SeededRandom, storm: Storm): Fault[] {
  const kinds = WEIGHTS.filter(([type]) => random.below(3) > 0 && (type !== 'flip' || storm.mayFlip.length > 0))
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0)
  const faults: Fault[] = []
  if (total === 0) return faults
  for (let at = random.between(500, 3_000); at < storm.forMs; at += random.between(300, 4_000)) {
    const fault = drawFault(random, storm, kindAt(kinds, random.below(total)), at)
    faults.push(fault)
    // Nothing is learnt from a network that stands still all the time.
    if (CUTS.has(fault.type) && random.below(2) === 0) {
      at += random.between(500, 6_000)
      if (at < storm.forMs) faults.push({ at, type: 'mend' })
    }
  }
  return faults
}

function kindAt(kinds: readonly (readonly [FaultType, number])[], draw: number): FaultType {
  let left = draw
  for (const [type, weight] of kinds) {
    left -= weight
    if (left < 0) return type
  }
  throw new RangeError(`no kind at ${draw}`)
}

function drawFault(random: SeededRandom, { machines, mayFlip }: Storm, type: FaultType, at: number): Fault {
  const machine = random.below(machines)
  const downMs = random.pick([100, 1_000, 3_000, 8_000, 20_000])
  switch (type) {
    case 'wires':
      return {
        at,
        type,
        loss: random.pick([0, 0, 20, 50, 100, 300]),
        duplication: random.pick([0, 50, 200]),
        requestFailure: random.pick([0, 50, 300]),
        tail: random.pick([0, 0, 20, 100]),
        latencyMs: random.pick([20, 20, 100, 300, 1_500]),
      }
    case 'partition':
      return { at, type, group: someOf(random, machines) }
    case 'cut':
      return { at, type, from: someOf(random, machines), to: someOf(random, machines) }
    case 'swizzle': {
      const clog = random.shuffled(someOf(random, machines))
      const [inbound, stepMs] = [random.below(2) === 0, random.pick([50, 300, 1_000])]
      return { at, type, clog, order: random.shuffled(clog), inbound, stepMs }
    }
    case 'mend':
      return { at, type }
    case 'crash':
      return { at, type, machine, downMs }
    case 'fuse': {
      const [effect, moment] = [random.pick(EFFECTS), random.pick(MOMENTS)]
      return { at, type, machine, effect, count: random.between(1, effect === 'timer' ? 60 : 25), moment, downMs }
    }
    case 'pause':
      return { at, type, machine, forMs: random.pick([200, 2_000, 10_000]) }
    case 'flip':
      return { at, type, machine: random.pick(mayFlip), downMs, inLog: random.below(3) === 0, draw: random.uint32() }
    case 'full':
      return { at, type, machine, roomBytes: random.below(20_000), forMs: random.between(1_000, 10_000) }
    case 'clock':
      return { at, type, machine, byMs: random.below(random.pick(JUMPS_MS)) + 1, back: random.below(2) === 0 }
  }
}

function someOf(random: SeededRandom, machines: number): number[] {
  return Array.from({ length: machines }, (_, i) => i).filter(() => random.below(2) === 0)
}
