import type { NetworkCounters } from './counters.ts'

/** A connected peer. */
export interface PeerInfo {
  peerId: string
  /** The remote end of the connection: a multiaddr. */
  address: string
  direction: 'inbound' | 'outbound'
  /** Round trip in milliseconds, null until measured. */
  latencyMs: number | null
  /** Milliseconds since the epoch. */
  connectedAt: number
}

/**
 * What a subscriber says of a gossip message: `accept` forwards it, `ignore` drops it without blame (overloaded, too
 * early, already known), `reject` drops it and blames the peer it came from. Reject only what is provably wrong.
 */
export type Validation = 'accept' | 'ignore' | 'reject'

export type MessageHandler = (data: Uint8Array, from: string) => Validation | Promise<Validation>
export type RequestHandler = (request: Uint8Array, from: string) => Promise<Uint8Array>

/**
 * Answers with frames as they come. `signal` aborts when the requester is gone, the time is up or the network stops;
 * nobody waits for the iterator after that.
 */
export type StreamHandler = (request: Uint8Array, from: string, signal: AbortSignal) => AsyncIterable<Uint8Array>

export interface PeerChange {
  peerId: string
  connected: boolean
}

export interface RequestOptions {
  timeoutMs: number
  maxResponseBytes: number
  signal?: AbortSignal
}

export interface StreamRequestOptions {
  /** The whole stream has ended by then. */
  timeoutMs: number
  /** Longest silence: before the first frame and between two. */
  idleMs: number
  maxFrameBytes: number
  /** All frames together, each counted with 64 bytes at least; at most 16 MiB. */
  maxTotalBytes: number
  signal?: AbortSignal
}

export interface StreamServeOptions {
  maxRequestBytes: number
  maxFrameBytes: number
  /** As in {@link StreamRequestOptions}: a handler that yields more fails. */
  maxTotalBytes: number
}

/**
 * All that the application sees of other nodes. Every name of a topic or protocol is taken inside the network's own
 * prefix (one chain's messages never reach another's), unless a protocol name begins with `/`.
 *
 * A message that was published is seen by others at most once within two minutes by its bytes, so bytes that must be
 * heard again have to be asked for by request; a message may also come more than once, or never.
 */
export interface Network {
  readonly peerId: string
  /** Multiaddrs others can dial, each ending in this node's peer id. Empty before `start`. */
  addresses(): string[]
  /** Connected peers, sorted by peer id. */
  peers(): PeerInfo[]
  /** @throws NetworkError `PORT_IN_USE`, `LISTEN_FAILED` */
  start(): Promise<void>
  /** Ends every connection, timer and pending request; a stopped network cannot start again. */
  stop(): Promise<void>
  /** Connects to a multiaddr and gives the peer id found there. @throws NetworkError `ADDRESS_INVALID`, `DIAL_FAILED` */
  dial(address: string, signal?: AbortSignal): Promise<string>
  /** Sends to all subscribers; the local handler is not called. Nobody subscribed is no error. @throws `MESSAGE_TOO_LARGE` */
  publish(topic: string, data: Uint8Array): Promise<void>
  /** One handler a topic. Larger messages than `maxBytes` are rejected before the handler sees them. */
  subscribe(topic: string, options: { maxBytes: number }, onMessage: MessageHandler): void
  /** One handler a protocol. A handler that throws gives the requester an error that carries its code. */
  handle(
    protocol: string,
    options: { maxRequestBytes: number; maxResponseBytes: number },
    respond: RequestHandler,
  ): void
  /**
   * Asks a connected peer.
   *
   * @throws NetworkError `PEER_NOT_CONNECTED`, `PROTOCOL_UNSUPPORTED`, `REQUEST_TIMEOUT`, `REQUEST_ABORTED`,
   *   `REQUEST_REFUSED` (busy or rate limited: try another peer), `REQUEST_FAILED` (its handler threw, or it answered
   *   nonsense), `MESSAGE_TOO_LARGE`, `CONNECTION_LOST`, `NETWORK_STOPPED`
   */
  request(peer: string, protocol: string, request: Uint8Array, options: RequestOptions): Promise<Uint8Array>
  /** One handler a protocol, which must not have one of the other kind either. A handler that throws ends the stream with its code. */
  handleStream(protocol: string, options: StreamServeOptions, respond: StreamHandler): void
  /**
   * Asks a connected peer for frames, which can be read as they come. Whoever stops reading (`break`, `return()`) ends the
   * stream at the peer too. Reading throws what {@link request} throws, once, after the frames that had come; a stream
   * that broke off never looks like one that ended.
   */
  requestStream(
    peer: string,
    protocol: string,
    request: Uint8Array,
    options: StreamRequestOptions,
  ): AsyncIterableIterator<Uint8Array>
  onPeerChange(listener: (change: PeerChange) => void): void
  counters(): NetworkCounters
}

/** Where a network tells what it does. Never receives keys. */
export interface NetworkLogger {
  debug(message: string, details?: Record<string, unknown>): void
  info(message: string, details?: Record<string, unknown>): void
  warn(message: string, details?: Record<string, unknown>): void
}

export const silentLogger: NetworkLogger = { debug() {}, info() {}, warn() {} }
