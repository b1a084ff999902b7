import { Counters, type NetworkCounters } from '../counters.ts'
import { NetworkError } from '../errors.ts'
import type {
  MessageHandler,
  Network,
  PeerChange,
  PeerInfo,
  RequestHandler,
  RequestOptions,
  StreamHandler,
  StreamRequestOptions,
  StreamServeOptions,
} from '../network.ts'
import { SimulatedGossip } from './simulatedGossip.ts'
import { SimulatedRequests } from './simulatedRequests.ts'
import { SimulatedStreams } from './simulatedStreams.ts'
import type { SimulatedSwitch } from './simulatedSwitch.ts'

const ADDRESS_PREFIX = '/memory/'

interface Link extends PeerInfo {
  node: SimulatedNetwork
}

/** One node of a {@link SimulatedSwitch}. */
export class SimulatedNetwork implements Network {
  readonly peerId: string
  readonly counts = new Counters()
  readonly gossip: SimulatedGossip
  readonly requests: SimulatedRequests
  readonly streams: SimulatedStreams
  /** The protocols that have a handler. */
  readonly protocols = new Set<string>()
  readonly #switch: SimulatedSwitch
  readonly #links = new Map<string, Link>()
  readonly #listeners: ((change: PeerChange) => void)[] = []
  #sorted: readonly SimulatedNetwork[] | null = null
  /** What came while the process stood still; null while it runs. */
  #frozen: (() => void)[] | null = null
  #state: 'new' | 'running' | 'stopped' | 'crashed' = 'new'

  constructor(owner: SimulatedSwitch, peerId: string) {
    this.peerId = peerId
    this.#switch = owner
    this.gossip = new SimulatedGossip(owner, this)
    this.requests = new SimulatedRequests(owner, this)
    this.streams = new SimulatedStreams(owner, this)
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  get isCrashed(): boolean {
    return this.#state === 'crashed'
  }

  addresses(): string[] {
    return this.isRunning ? [ADDRESS_PREFIX + this.peerId] : []
  }

  peers(): PeerInfo[] {
    return this.linked().map(({ peerId }) => {
      const { node: _, ...info } = this.#links.get(peerId)!
      return info
    })
  }

  /** The nodes at the other ends of the links, in the order of their ids. */
  linked(): readonly SimulatedNetwork[] {
    this.#sorted ??= [...this.#links.values()].map(({ node }) => node).sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
    return this.#sorted
  }

  freeze(): void {
    this.#frozen ??= []
  }

  thaw(): void {
    const waiting = this.#frozen ?? []
    this.#frozen = null
    for (const run of waiting) run()
  }

  /** Runs at once, or when the process goes on. */
  whenAwake(run: () => void): void {
    if (this.#frozen === null) run()
    else this.#frozen.push(run)
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new NetworkError('NETWORK_STATE', 'the network was started before')
    this.#state = 'running'
    this.#switch.started(this)
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped' || this.#state === 'crashed') return
    this.#state = 'stopped'
    this.#leave()
    const stopped = () => new NetworkError('NETWORK_STOPPED', 'the network was stopped')
    this.requests.failAll(stopped)
    this.streams.failAll(stopped)
  }

  crash(): void {
    this.#state = 'crashed'
    this.#leave()
    this.requests.forgetAll()
    this.streams.forgetAll()
  }

  async dial(address: string, signal?: AbortSignal): Promise<string> {
    if (!address.startsWith(ADDRESS_PREFIX)) {
      throw new NetworkError('ADDRESS_INVALID', `${JSON.stringify(address)} is no address of a simulated node`)
    }
    // What has crashed does not go on.
    if (this.isCrashed) return new Promise(() => {})
    if (!this.isRunning) throw new NetworkError('NETWORK_STATE', 'the network is not running')
    const peerId = address.slice(ADDRESS_PREFIX.length)
    return await new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new NetworkError('DIAL_FAILED', `cannot connect to ${address}: ${why}`))
      const connect = () => {
        signal?.removeEventListener('abort', onAbort)
        if (this.#switch.connect(this.peerId, peerId)) resolve(peerId)
        else if (!this.isCrashed) fail('nothing answers there')
      }
      const cancel = this.#switch.clock.after(this.#switch.latency(), () => this.whenAwake(connect))
      const onAbort = () => {
        cancel()
        fail('given up')
      }
      if (signal?.aborted) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    if (this.isCrashed) return
    if (this.#state === 'stopped') throw new NetworkError('NETWORK_STOPPED', 'the network was stopped')
    if (this.#state === 'new') throw new NetworkError('NETWORK_STATE', 'the network has not started')
    this.gossip.publish(topic, data)
  }

  subscribe(topic: string, options: { maxBytes: number }, onMessage: MessageHandler): void {
    this.gossip.subscribe(topic, options, onMessage)
  }

  handle(
    protocol: string,
    options: { maxRequestBytes: number; maxResponseBytes: number },
    respond: RequestHandler,
  ): void {
    this.requests.handle(protocol, options, respond)
  }

  request(peer: string, protocol: string, request: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.requests.request(this.#links.get(peer)?.node, peer, protocol, request, options)
  }

  handleStream(protocol: string, options: StreamServeOptions, respond: StreamHandler): void {
    this.streams.handle(protocol, options, respond)
  }

  requestStream(
    peer: string,
    protocol: string,
    request: Uint8Array,
    options: StreamRequestOptions,
  ): AsyncIterableIterator<Uint8Array> {
    return this.streams.request(this.#links.get(peer)?.node, peer, protocol, request, options)
  }

  onPeerChange(listener: (change: PeerChange) => void): void {
    this.#listeners.push(listener)
  }

  counters(): NetworkCounters {
    return this.counts.snapshot()
  }

  connected(node: SimulatedNetwork, direction: 'inbound' | 'outbound'): void {
    const { peerId } = node
    if (this.#links.has(peerId)) return
    const { latencyMs } = this.#switch.conditions
    this.#sorted = null
    this.#links.set(peerId, {
      node,
      peerId,
      address: ADDRESS_PREFIX + peerId,
      direction,
      latencyMs: latencyMs.min + latencyMs.max,
      connectedAt: this.#switch.clock.now(),
    })
    this.#tell({ peerId, connected: true })
  }

  disconnected(peerId: string): void {
    if (!this.#links.delete(peerId)) return
    this.#sorted = null
    const errorFor = (peer: string) =>
      peer === peerId ? new NetworkError('CONNECTION_LOST', `${peerId} is gone`) : null
    this.whenAwake(() => {
      this.requests.failAll(errorFor)
      this.streams.failAll(errorFor)
    })
    this.#tell({ peerId, connected: false })
  }

  #tell(change: PeerChange): void {
    this.whenAwake(() => {
      if (this.isRunning) for (const listener of this.#listeners) listener(change)
    })
  }

  #leave(): void {
    this.#switch.ended(this)
    const linked = this.linked()
    this.#links.clear()
    this.#sorted = null
    this.#frozen = null
    // The others notice on their own time: a call from inside the one that ends would run them in the middle of it.
    for (const other of linked) {
      this.#switch.clock.after(0, () => {
        if (other.isRunning && other.linkedTo(this)) other.disconnected(this.peerId)
      })
    }
  }

  /** Whether there is a link to exactly this node, not to a later one of the same id. */
  linkedTo(node: SimulatedNetwork): boolean {
    return this.#links.get(node.peerId)?.node === node
  }
}
