import type { Clock } from '@hydraai/core'
import { NetworkError } from '../errors.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import type { Network, RequestOptions } from '../network.ts'
import { SimulatedNetwork } from './simulatedNetwork.ts'
import { Wires } from './wires.ts'

/** How the simulated wires behave. Chances are 0..1, times are milliseconds. */
export interface SwitchConditions {
  /** One way, drawn evenly for each packet, so packets overtake one another. */
  latencyMs: { min: number; max: number }
  /** Chance that a packet takes much longer: one in two of those twice as long, one in four four times, and so on. */
  tail: number
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
  /** To how many peers a node passes on a gossip message of another; all unless given. The first sender sends to all. */
  gossipFanout?: number
  conditions?: Partial<SwitchConditions>
  limits?: Partial<NetworkLimits>
}

const CALM: SwitchConditions = {
  latencyMs: { min: 1, max: 20 },
  tail: 0,
  loss: 0,
  duplication: 0,
  requestFailure: 0,
  partitionNoticeMs: 0,
}

/** The longest that a delay of the heavy tail is: this many times doubled. */
const MAX_DOUBLINGS = 12

/**
 * A network in memory: everything happens by the clock and the random numbers handed in, so the same calls give the
 * same history. Nodes that were linked stay linked through a partition as soon as it heals.
 */
export class SimulatedSwitch {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly conditions: SwitchConditions
  readonly gossipFanout: number
  readonly #random: { uint32(): number }
  readonly #fullMesh: boolean
  readonly #nodes = new Map<string, SimulatedNetwork>()
  /** Pairs that want to be connected, `a b` with a < b. */
  readonly #wanted = new Set<string>()
  readonly #wires = new Wires()

  constructor(options: SimulatedSwitchOptions) {
    this.clock = options.clock
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.conditions = { ...CALM, ...options.conditions }
    this.#random = options.random
    this.#fullMesh = options.fullMesh ?? true
    this.gossipFanout = options.gossipFanout ?? Number.POSITIVE_INFINITY
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
    this.#wires.split(groups)
    const then = this.#wires.partition
    this.clock.after(this.conditions.partitionNoticeMs, () => {
      if (this.#wires.partition === then) this.#cutUnreachable()
    })
  }

  /** Nothing gets from `from` to `to` any more; the way back stays, and neither notices more than silence. */
  cut(from: string, to: string): void {
    this.#wires.cut(from, to)
  }

  /** What goes from `from` to `to` waits from now on. */
  clog(from: string, to: string): void {
    this.#wires.clog(from, to)
  }

  /** All that waited comes, each packet after a latency of its own. */
  unclog(from: string, to: string): void {
    this.#release(this.#wires.unclog(from, to))
  }

  /** Ends the partition, every cut and every clog; the wires that were cut connect again. */
  heal(): void {
    this.#wires.split(null)
    this.#wires.restoreAll()
    this.#release(this.#wires.unclogAll())
    for (const pair of [...this.#wanted].sort()) {
      const [a, b] = pair.split(' ') as [string, string]
      this.#connectLater(a, b)
    }
  }

  /** The node's process stands still: whatever comes to it waits until {@link thaw}. It still seems connected. */
  freeze(peerId: string): void {
    this.#nodes.get(peerId)?.freeze()
  }

  /** All that came meanwhile is heard now, in the order of its coming. */
  thaw(peerId: string): void {
    this.#nodes.get(peerId)?.thaw()
  }

  /** Sends gossip from one node to some others alone, as a node can that does not keep to the protocol. */
  whisper(from: string, to: readonly string[], topic: string, data: Uint8Array): void {
    this.running(from)?.gossip.whisper(to, topic, data)
  }

  /** The node is gone at once: nothing of it runs any more, and its own pending requests never settle. */
  crash(peerId: string): void {
    this.#nodes.get(peerId)?.crash()
  }

  /** Asks as the node `from` would, past everything that stands before its port. */
  request(from: string, to: string, protocol: string, body: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    const node = this.running(from)
    if (node === undefined) return Promise.reject(new NetworkError('NETWORK_STOPPED', 'the network was stopped'))
    return node.request(to, protocol, body, options)
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
    if (a === undefined || b === undefined || a === b || !this.#wires.reaches(from, to)) return false
    if (!this.#wires.reaches(to, from)) return false
    this.#wanted.add(pairOf(from, to))
    a.connected(b, 'outbound')
    b.connected(a, 'inbound')
    return true
  }

  /**
   * @internal Runs `arrive` one latency later, unless the receiver ended or nothing gets there by then. What was sent
   * arrives even if its sender has ended meanwhile; who has ended sends nothing.
   */
  carry(from: SimulatedNetwork, to: SimulatedNetwork, arrive: () => void): void {
    if (!from.isRunning) return
    const due = () => {
      if (!to.isRunning || !this.#wires.reaches(from.peerId, to.peerId)) return
      if (!this.#wires.holds(from.peerId, to.peerId, due)) to.whenAwake(arrive)
    }
    this.clock.after(this.latency(), due)
  }

  /** @internal */
  latency(): number {
    const { latencyMs, tail } = this.conditions
    const { min, max } = latencyMs
    const delay = min + (this.#random.uint32() % (max - min + 1))
    // Pareto with exponent 1, in powers of two: integers alone, so the same on every machine.
    if (!this.chance(tail)) return delay
    return Math.max(1, delay) * 2 ** Math.min(MAX_DOUBLINGS, 1 + Math.clz32(this.#random.uint32()))
  }

  /** @internal One of the first `n` numbers. */
  below(n: number): number {
    return this.#random.uint32() % n
  }

  /** @internal */
  chance(probability: number): boolean {
    // Drawn even where the answer is plain, so that a changed condition does not shift all later draws.
    return this.#random.uint32() < probability * 0x100000000
  }

  #connectLater(a: string, b: string): void {
    this.clock.after(this.latency(), () => this.connect(a, b))
  }

  #release(waiting: readonly (() => void)[]): void {
    for (const due of waiting) this.clock.after(this.latency(), due)
  }

  #cutUnreachable(): void {
    const nodes = [...this.#nodes.values()].sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
    for (const node of nodes) {
      for (const { peerId } of node.peers()) if (this.#wires.parted(node.peerId, peerId)) node.disconnected(peerId)
    }
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
