import { bool, type Infer, list, oneOf, uint, uintMax, uintRange, variant } from '@hydraai/core'
import { EFFECTS, MOMENTS } from '../fuse.ts'

/** Machines in a world. */
export const MAX_MACHINES = 200
const machine = uintMax(MAX_MACHINES - 1)
const machines = list(machine, { max: MAX_MACHINES })
const span = uintMax(3_600_000)
const permille = uintMax(1_000)
/** Milliseconds after the world began. */
const at = span

/** Something that goes wrong at a time. Plain data: what JSON can hold is all there is to it. */
export const faultCodec = variant({
  /** How all wires behave from now on; chances are in a thousand. */
  wires: {
    at,
    loss: permille,
    duplication: permille,
    requestFailure: permille,
    tail: permille,
    latencyMs: uintRange(1, 60_000),
  },
  /** The group and the others do not reach each other. */
  partition: { at, group: machines },
  /** Nothing gets from `from` to `to`; the way back stays. */
  cut: { at, from: machines, to: machines },
  /** Every way to (or from) these machines is clogged one after the other, and unclogged in the order of `order`. */
  swizzle: { at, clog: machines, order: machines, inbound: bool, stepMs: span },
  /** No partition, no cut, no clog any more; the wires stay as bad as they are. */
  mend: { at },
  /** The power goes. */
  crash: { at, machine, downMs: span },
  /** The process ends at its `count`-th effect from now. */
  fuse: { at, machine, effect: oneOf(EFFECTS), count: uintRange(1, 10_000), moment: oneOf(MOMENTS), downMs: span },
  /** The process stands still and goes on. */
  pause: { at, machine, forMs: span },
  /** A bit of the disk flips while the machine is down. `draw` chooses which. */
  flip: { at, machine, downMs: span, inLog: bool, draw: uint },
  /** No room but for `roomBytes`; after `forMs` somebody makes room and starts the machine again. */
  full: { at, machine, roomBytes: uintMax(1_000_000), forMs: span },
  /** The machine's clock jumps, forward or back. */
  clock: { at, machine, byMs: span, back: bool },
})
export type Fault = Infer<typeof faultCodec>
export type FaultType = Fault['type']

export const faultsCodec = list(faultCodec, { max: 10_000 })
