import type { Clock } from '@hydraai/core'
import { NetworkError } from '../errors.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import type { Network } from '../network.ts'
import { SimulatedNetwork } from './simulatedNetwork.ts'

/** How the simulated wires behave. Chances are 0..1, times are milliseconds. */
export interface SwitchConditions {
  /** One way, drawn evenly for each packet, so packets overtake one another. */
  latencyMs: { min: number; max: number }
  /** Chance that a gossip packet between two nodes is lost. */
  loss: number
  /** Chance that a gossip packet is delivered twice, past the check for known messages. */
  duplication: number
  /** Chance that a request ends with `CONNECTION_LOST`, its handler run or not. */
  requestFailure: number
  /** How long a partition stays unnoticed: until then packets vanish and the peers still seem connected. */
  partitionNoticeMs: number
}

export interface SimulatedSwitchOptions {
  clock: Clock
  /** The only source of chance; core's CounterRandom fits. */
  random: { uint32(): number }
  /** Connect every node to every other by itself (default), or only those that dial. */
  fullMesh?: boolean
  conditions?: Partial<SwitchConditions>
  limits?: Partial<NetworkLimits>
}

const CALM: SwitchConditions = {
  latencyMs: { min: 1, max: 20 },
  loss: 0,
  duplication: 0,
  requestFailure: 0,
  partitionNoticeMs: 0,
}

/**
 * A network in memory: everything happens by the clock and the random numbers handed in, so the same calls give the
 * same history. Nodes that were linked stay linked through a partition as soon as it heals.
 */
export class SimulatedSwitch {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly conditions: SwitchConditions
  readonly #random: { uint32(): number }
  readonly #fullMesh: boolean
  readonly #nodes = new Map<string, SimulatedNetwork>()
  /** Pairs that want to be connected, `a b` with a < b. */
  readonly #wanted = new Set<string>()
  #groups: Map<string, number> | null = null

  constructor(options: SimulatedSwitchOptions) {
    this.clock = options.clock
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.conditions = { ...CALM, ...options.conditions }
    this.#random = options.random
    this.#fullMesh = options.fullMesh ?? true
  }

  /** A new node's network. An id whose node crashed or stopped may be taken again. */
  network(peerId: string): Network {
    if (this.#nodes.has(peerId)) throw new NetworkError('NETWORK_STATE', `${peerId} is on this switch already`)
    const network = new SimulatedNetwork(this, peerId)
    this.#nodes.set(peerId, network)
    return network
  }

  /** Changes how the wires behave from now on. */
  setConditions(conditions: Partial<SwitchConditions>): void {
    Object.assign(this.conditions, conditions)
  }

  /** Cuts the network into these groups; nodes that are not named are together in one more. */
  partition(groups: string[][]): void {
    this.#groups = new Map(groups.flatMap((members, i) => members.map(id => [id, i + 1] as const)))
    const groupsThen = this.#groups
    this.clock.after(this.conditions.partitionNoticeMs, () => {
      if (this.#groups === groupsThen) this.#cutUnreachable()
    })
  }

  /** Ends the partition; the wires that were cut connect again. */
  heal(): void {
    this.#groups = null
    for (const pair of [...this.#wanted].sort()) {
      const [a, b] = pair.split(' ') as [string, string]
      this.#connectLater(a, b)
    }
  }

  /** The node is gone at once: nothing of it runs any more, and its own pending requests never settle. */
  crash(peerId: string): void {
    this.#nodes.get(peerId)?.crash()
  }

  /** @internal The running node of that id. */
  running(peerId: string): SimulatedNetwork | undefined {
    const node = this.#nodes.get(peerId)
    return node?.isRunning === true ? node : undefined
  }

  /** @internal */
  started(network: SimulatedNetwork): void {
    if (!this.#fullMesh) return
    const others = [...this.#nodes.values()].filter(other => other.isRunning && other !== network)
    for (const other of others.sort((a, b) => (a.peerId < b.peerId ? -1 : 1))) {
      this.#wanted.add(pairOf(network.peerId, other.peerId))
      this.#connectLater(network.peerId, other.peerId)
    }
  }

  /** @internal */
  ended(network: SimulatedNetwork): void {
    if (this.#nodes.get(network.peerId) === network) this.#nodes.delete(network.peerId)
    for (const pair of [...this.#wanted]) {
      if (pair.split(' ').includes(network.peerId)) this.#wanted.delete(pair)
    }
  }

  /** @internal Connects the two now, if both run and nothing lies between them. */
  connect(from: string, to: string): boolean {
    const [a, b] = [this.running(from), this.running(to)]
    if (a === undefined || b === undefined || a === b || !this.reaches(from, to)) return false
    this.#wanted.add(pairOf(from, to))
    a.connected(b, 'outbound')
    b.connected(a, 'inbound')
    return true
  }

  /** @internal Whether a packet gets from one to the other. */
  reaches(from: string, to: string): boolean {
    return this.#groups === null || (this.#groups.get(from) ?? 0) === (this.#groups.get(to) ?? 0)
  }

  /** @internal Runs `arrive` one latency later, unless either node ended or a partition lies between them by then. */
  carry(from: SimulatedNetwork, to: SimulatedNetwork, arrive: () => void): void {
    this.clock.after(this.latency(), () => {
      if (from.isRunning && to.isRunning && this.reaches(from.peerId, to.peerId)) arrive()
    })
  }

  /** @internal */
  latency(): number {
    const { min, max } = this.conditions.latencyMs
    return min + (this.#random.uint32() % (max - min + 1))
  }

  /** @internal */
  chance(probability: number): boolean {
    // Drawn even where the answer is plain, so that a changed condition does not shift all later draws.
    return this.#random.uint32() < probability * 0x100000000
  }

  #connectLater(a: string, b: string): void {
    this.clock.after(this.latency(), () => this.connect(a, b))
  }

  #cutUnreachable(): void {
    const nodes = [...this.#nodes.values()].sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
    for (const node of nodes) {
      for (const { peerId } of node.peers()) if (!this.reaches(node.peerId, peerId)) node.disconnected(peerId)
    }
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
