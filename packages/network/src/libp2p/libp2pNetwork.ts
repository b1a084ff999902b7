import { concatBytes, fromHex, keyPairFromSeed } from '@hydraai/core'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { Counters, type NetworkCounters } from '../counters.ts'
import { messageOf, NetworkError } from '../errors.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import {
  type MessageHandler,
  type Network,
  type NetworkLogger,
  type PeerChange,
  type PeerInfo,
  type RequestHandler,
  type RequestOptions,
  type StreamHandler,
  type StreamRequestOptions,
  type StreamServeOptions,
  silentLogger,
} from '../network.ts'
import { deadline, within } from './deadline.ts'
import { connectionGater } from './gater.ts'
import { GossipService } from './gossip.ts'
import { BAN_THRESHOLD, Misbehaviour } from './misbehaviour.ts'
import { RequestService } from './requests.ts'
import { createStack } from './stack.ts'
import { StreamRequestService } from './streamRequests.ts'
import { Upkeep } from './upkeep.ts'

const DIAL_TIMEOUT_MS = 10_000

export interface Libp2pNetworkOptions {
  /** 32 bytes; the peer id is the Ed25519 key of this seed. Not the wallet's: a peer id is public on every connection. */
  seed: Uint8Array
  /** Multiaddrs to listen on: `/ip4/…/tcp/…`, and `/ws` after it for browsers. */
  listen: string[]
  /** Multiaddrs to tell others instead of the ones listened on. */
  announce?: string[]
  /** Multiaddrs to join through, with or without a peer id. */
  bootstrap: string[]
  /** All nodes run on this machine or in this room: loopback and private addresses count, limits per IP do not. */
  localNetwork: boolean
  /** `/hydra/<chain id>`: what every topic and protocol lies under. */
  protocolPrefix: string
  /** Find nodes on the local network by mDNS. */
  lan?: boolean
  /** Be reachable through a relay. */
  relay?: boolean
  logger?: NetworkLogger
  limits?: Partial<NetworkLimits>
}

/** The network over js-libp2p: TCP and WebSockets, Noise, Yamux, Kademlia, GossipSub. */
export function libp2pNetwork(options: Libp2pNetworkOptions): Network {
  return new Libp2pNetwork(options)
}

class Libp2pNetwork implements Network {
  readonly peerId: string
  readonly #options: Libp2pNetworkOptions
  readonly #limits: NetworkLimits
  readonly #logger: NetworkLogger
  readonly #privateKey: PrivateKey
  readonly #counters = new Counters()
  readonly #misbehaviour = new Misbehaviour(Date.now)
  readonly #gossip: GossipService
  readonly #requests: RequestService
  readonly #streams: StreamRequestService
  readonly #listeners: ((change: PeerChange) => void)[] = []
  readonly #stopping = new AbortController()
  #libp2p: Libp2p | null = null
  #upkeep: Upkeep | null = null

  constructor(options: Libp2pNetworkOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#logger = options.logger ?? silentLogger
    // libp2p keeps an Ed25519 private key as the seed followed by the public key.
    const keys = keyPairFromSeed(options.seed)
    this.#privateKey = privateKeyFromRaw(concatBytes(options.seed, fromHex(keys.publicKey)))
    keys.wipe()
    this.peerId = peerIdFromPrivateKey(this.#privateKey).toString()
    for (const address of [...options.listen, ...(options.announce ?? []), ...options.bootstrap])
      parseMultiaddr(address)
    const shared = {
      prefix: options.protocolPrefix,
      counters: this.#counters,
      limits: this.#limits,
      logger: this.#logger,
      blame: (peer: string, amount: number) => this.#blame(peer, amount),
    }
    const serving = { ...shared, names: new Set<string>() }
    this.#requests = new RequestService(serving)
    this.#streams = new StreamRequestService(serving)
    this.#gossip = new GossipService({
      ...shared,
      localNetwork: options.localNetwork,
      misbehaviour: this.#misbehaviour,
    })
  }

  addresses(): string[] {
    return this.#libp2p?.getMultiaddrs().map(address => address.toString()) ?? []
  }

  peers(): PeerInfo[] {
    const peers = new Map<string, PeerInfo>()
    for (const connection of this.#libp2p?.getConnections() ?? []) {
      const info = describe(connection)
      if (connection.status === 'open' && !peers.has(info.peerId)) peers.set(info.peerId, info)
    }
    return [...peers.values()].sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
  }

  async start(): Promise<void> {
    if (this.#libp2p !== null || this.#stopping.signal.aborted) {
      throw new NetworkError('NETWORK_STATE', 'the network was started before', { advice: 'Make a new one.' })
    }
    const gater = connectionGater({
      limits: this.#limits,
      localNetwork: this.#options.localNetwork,
      counters: this.#counters,
      misbehaviour: this.#misbehaviour,
      connections: () =>
        (this.#libp2p?.getConnections() ?? []).map(c => ({
          peerId: c.remotePeer.toString(),
          address: c.remoteAddr.toString(),
        })),
    })
    const libp2p = await createStack(this.#options, this.#limits, this.#privateKey, gater, this.#gossip.service())
    libp2p.addEventListener('peer:connect', event => this.#tell(event.detail.toString(), true))
    libp2p.addEventListener('peer:disconnect', event => this.#tell(event.detail.toString(), false))
    await this.#requests.start(libp2p)
    await this.#streams.start(libp2p)
    try {
      await libp2p.start()
    } catch (error) {
      await libp2p.stop()
      throw listenError(error, this.#options.listen)
    }
    this.#libp2p = libp2p
    const services = libp2p.services as unknown as { pubsub: GossipSub; dht: KadDHT }
    this.#gossip.start(services.pubsub)
    this.#upkeep = new Upkeep({
      libp2p,
      dht: services.dht,
      bootstrap: this.#options.bootstrap,
      targetPeers: this.#limits.targetPeers,
      localNetwork: this.#options.localNetwork,
      logger: this.#logger,
    })
    this.#upkeep.start()
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort(new NetworkError('NETWORK_STOPPED', 'the network was stopped'))
    this.#requests.stop()
    this.#streams.stop()
    this.#gossip.stop()
    await this.#upkeep?.stop()
    await this.#libp2p?.stop()
  }

  async dial(address: string, signal?: AbortSignal): Promise<string> {
    const target = parseMultiaddr(address)
    if (this.#libp2p === null) throw new NetworkError('NETWORK_STATE', 'the network has not started')
    const limit = deadline(DIAL_TIMEOUT_MS, signal, this.#stopping.signal)
    try {
      const connection = await within(this.#libp2p.dial(target, { signal: limit.signal }), limit.signal)
      return connection.remotePeer.toString()
    } catch (error) {
      if (this.#stopping.signal.aborted) throw this.#stopping.signal.reason
      throw new NetworkError('DIAL_FAILED', `cannot connect to ${address}: ${messageOf(error)}`, {
        cause: error,
        advice: 'Check that a node is running at that address and that it can be reached from here.',
      })
    } finally {
      limit.clear()
    }
  }

  publish(topic: string, data: Uint8Array): Promise<void> {
    return this.#gossip.publish(topic, data)
  }

  subscribe(topic: string, options: { maxBytes: number }, onMessage: MessageHandler): void {
    this.#gossip.subscribe(topic, options, onMessage)
  }

  handle(
    protocol: string,
    options: { maxRequestBytes: number; maxResponseBytes: number },
    respond: RequestHandler,
  ): void {
    this.#requests.handle(protocol, options, respond)
  }

  request(peer: string, protocol: string, request: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.#requests.request(peer, protocol, request, options)
  }

  handleStream(protocol: string, options: StreamServeOptions, respond: StreamHandler): void {
    this.#streams.handle(protocol, options, respond)
  }

  requestStream(
    peer: string,
    protocol: string,
    request: Uint8Array,
    options: StreamRequestOptions,
  ): AsyncIterableIterator<Uint8Array> {
    return this.#streams.request(peer, protocol, request, options)
  }

  onPeerChange(listener: (change: PeerChange) => void): void {
    this.#listeners.push(listener)
  }

  counters(): NetworkCounters {
    return this.#counters.snapshot()
  }

  #tell(peerId: string, connected: boolean): void {
    for (const listener of this.#listeners) listener({ peerId, connected })
  }

  #blame(peer: string, amount: number): void {
    const wasBanned = this.#misbehaviour.isBanned(peer)
    if (this.#misbehaviour.add(peer, amount) < BAN_THRESHOLD) return
    // What was on its way when a peer was put out is not worth a line each.
    if (!wasBanned) this.#logger.warn('a peer misbehaved too often and was disconnected', { peer })
    this.#libp2p?.hangUp(peerIdFromString(peer)).catch(() => {})
  }
}

function describe(connection: Connection): PeerInfo {
  return {
    peerId: connection.remotePeer.toString(),
    address: connection.remoteAddr.toString(),
    direction: connection.direction,
    latencyMs: connection.rtt ?? null,
    connectedAt: connection.timeline.open,
  }
}

function parseMultiaddr(address: string) {
  try {
    return multiaddr(address)
  } catch (error) {
    throw new NetworkError('ADDRESS_INVALID', `${JSON.stringify(address)} is not a multiaddr: ${messageOf(error)}`, {
      advice: 'Write it like /ip4/203.0.113.7/tcp/7777.',
    })
  }
}

function listenError(error: unknown, listen: string[]): NetworkError {
  const text = messageOf(error)
  if (text.includes('EADDRINUSE')) {
    const port = /EADDRINUSE[^\n]*?:(\d+)\s*$/m.exec(text)?.[1]
    const what = port === undefined ? `a port of ${listen.join(', ')}` : `port ${port}`
    return new NetworkError('PORT_IN_USE', `${what} is used by another program`, {
      cause: error,
      advice: 'End that program, or choose another port with --port.',
    })
  }
  return new NetworkError('LISTEN_FAILED', `cannot listen on ${listen.join(', ')}: ${text}`, { cause: error })
}
