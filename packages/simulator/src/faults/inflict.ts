import type { Machine } from '../machine.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

const CALM = { loss: 0, duplication: 0, requestFailure: 0, tail: 0, latencyMs: { min: 1, max: 20 } }
const MAX_CALM_SKEW_MS = 200

/** Carries a fault out. What it ends comes back by itself, but for wires, clocks and clogs. */
export function inflict(world: World, fault: Fault): void {
  switch (fault.type) {
    case 'wires': {
      const { loss, duplication, requestFailure, tail, latencyMs } = fault
      world.wires.setConditions({
        loss: loss / 1_000,
        duplication: duplication / 1_000,
        requestFailure: requestFailure / 1_000,
        tail: tail / 1_000,
        latencyMs: { min: 1, max: latencyMs },
      })
      return
    }
    case 'partition':
      world.wires.partition([idsOf(world, fault.group)])
      return
    case 'cut':
      for (const from of idsOf(world, fault.from))
        for (const to of idsOf(world, fault.to)) if (from !== to) world.wires.cut(from, to)
      return
    case 'swizzle':
      swizzle(world, fault)
      return
    case 'mend':
      world.wires.heal()
      return
    case 'clock': {
      const machine = world.machines[fault.machine]
      if (machine) machine.skewMs += fault.back ? -fault.byMs : fault.byMs
      return
    }
    default: {
      const machine = world.machines[fault.machine]
      if (machine?.isUp) strike(world, machine, fault)
    }
  }
}

type MachineFault = Extract<Fault, { type: 'crash' | 'fuse' | 'pause' | 'flip' | 'full' }>

function strike(world: World, machine: Machine, fault: MachineFault): void {
  switch (fault.type) {
    case 'crash':
      machine.crash()
      world.bootLater(machine, fault.downMs)
      return
    case 'fuse':
      machine.arm(fault, fault.downMs)
      return
    case 'pause':
      machine.pause()
      world.clock.after(fault.forMs, () => machine.resume())
      return
    case 'flip':
      machine.crash()
      flip(machine, fault)
      world.bootLater(machine, fault.downMs)
      return
    case 'full':
      machine.disk.setCapacity(machine.disk.usedBytes + fault.roomBytes)
      world.clock.after(fault.forMs, () => makeRoom(world, machine))
  }
}

/** A bit of a value or of a log, chosen by `draw` among those that are stored. */
function flip(machine: Machine, { inLog, draw }: Extract<Fault, { type: 'flip' }>): void {
  const { disk } = machine
  const [names, keys] = [disk.logNames(), disk.values.entries({}).map(([key]) => key)]
  const log = inLog ? names[draw % Math.max(1, names.length)] : undefined
  const key = keys[draw % Math.max(1, keys.length)]
  if (log !== undefined) machine.damaged = disk.flipLogBit(log, draw) || machine.damaged
  else if (key !== undefined) machine.damaged = disk.flipValueBit(key, draw) || machine.damaged
}

/** Room again, which a running node learns of by a restart alone. */
function makeRoom(world: World, machine: Machine): void {
  machine.disk.setCapacity(Number.POSITIVE_INFINITY)
  if (!machine.isUp) return
  machine.crash()
  world.bootLater(machine, 0)
}

/** Clogs node after node, then unclogs them in another order: what waited comes in bursts, the newest perhaps first. */
function swizzle(world: World, { clog, order, inbound, stepMs }: Extract<Fault, { type: 'swizzle' }>): void {
  const all = world.machines.map(({ id }) => id)
  const eachWay = (index: number, run: (from: string, to: string) => void) => {
    const id = world.machines[index]?.id
    if (id === undefined) return
    for (const other of all) {
      if (other === id) continue
      if (inbound) run(other, id)
      else run(id, other)
    }
  }
  clog.forEach((index, i) => {
    world.clock.after(i * stepMs, () => {
      if (!world.calm) eachWay(index, (from, to) => world.wires.clog(from, to))
    })
  })
  order.forEach((index, i) => {
    world.clock.after((clog.length + i) * stepMs, () => eachWay(index, (from, to) => world.wires.unclog(from, to)))
  })
}

/** The storm is over: calm wires, nobody cut off, right clocks, room on every disk, and whoever is down comes back. */
export function heal(world: World): void {
  world.storming = false
  world.calm = true
  world.wires.heal()
  world.wires.setConditions(CALM)
  for (const machine of world.machines) {
    machine.disarm()
    machine.resume()
    machine.skewMs = Math.max(-MAX_CALM_SKEW_MS, Math.min(MAX_CALM_SKEW_MS, machine.skewMs))
    machine.disk.setCapacity(Number.POSITIVE_INFINITY)
    if (machine.haltedBy !== null) {
      machine.crash()
      world.bootLater(machine, 0)
    }
  }
}

function idsOf(world: World, machines: readonly number[]): string[] {
  return machines.flatMap(index => world.machines[index]?.id ?? [])
}
