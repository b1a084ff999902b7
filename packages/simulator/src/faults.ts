import type { SeededRandom } from './seededRandom.ts'
import type { Machine, World } from './world.ts'

/** Something that goes wrong at a time, ms after the world began. */
export type Fault = { readonly at: number } & (
  | {
      readonly type: 'wires'
      readonly loss: number
      readonly duplication: number
      readonly requestFailure: number
      readonly latencyMs: number
    }
  | { readonly type: 'partition'; readonly group: readonly number[] }
  | { readonly type: 'mend' }
  | { readonly type: 'crash'; readonly machine: number; readonly downMs: number }
)

/** A storm of faults over `forMs`, drawn from `random`. */
export function drawFaults(random: SeededRandom, nodes: number, forMs: number): Fault[] {
  const faults: Fault[] = []
  for (let at = random.between(500, 3_000); at < forMs; at += random.between(500, 6_000))
    faults.push(drawFault(random, nodes, at))
  return faults
}

function drawFault(random: SeededRandom, nodes: number, at: number): Fault {
  switch (random.below(5)) {
    case 0:
      return {
        at,
        type: 'wires',
        loss: random.unit() * 0.4,
        duplication: random.unit() * 0.2,
        requestFailure: random.unit() * 0.3,
        latencyMs: random.pick([20, 100, 500, 2_000]),
      }
    case 1: {
      const group = Array.from({ length: nodes }, (_, i) => i).filter(() => random.below(2) === 0)
      return { at, type: 'partition', group }
    }
    case 2:
      return { at, type: 'mend' }
    default:
      return { at, type: 'crash', machine: random.below(nodes), downMs: random.between(100, 8_000) }
  }
}

/** Carries a fault out. A crashed machine boots again by itself. */
export function inflict(world: World, fault: Fault): void {
  switch (fault.type) {
    case 'wires': {
      const { loss, duplication, requestFailure, latencyMs } = fault
      world.wires.setConditions({ loss, duplication, requestFailure, latencyMs: { min: 1, max: latencyMs } })
      return
    }
    case 'partition':
      world.wires.partition([fault.group.map(i => world.machines[i]!.id)])
      return
    case 'mend':
      world.wires.heal()
      return
    case 'crash': {
      const machine = world.machines[fault.machine]!
      if (machine.node) crashAndReboot(world, machine, fault.downMs)
    }
  }
}

function crashAndReboot(world: World, machine: Machine, downMs: number): void {
  world.crash(machine)
  world.clock.after(downMs, () => {
    if (!machine.node) world.bootSoon(machine)
  })
}

/** All wires calm again, nobody cut off. */
export function healWires(world: World): void {
  world.wires.heal()
  world.wires.setConditions({ loss: 0, duplication: 0, requestFailure: 0, latencyMs: { min: 1, max: 20 } })
}
