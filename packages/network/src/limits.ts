/** Largest gossip message; what is larger is pulled by hash over a request. */
export const MAX_GOSSIP_BYTES = 1_048_576 + 65_536
/** Largest request or response body. */
export const MAX_BODY_BYTES = 16 * 1_048_576
/** How long gossip remembers a message id, and so refuses to deliver the same bytes again, in milliseconds. */
export const SEEN_TTL_MS = 120_000

/** What one peer, and all of them together, may use of this node. */
export interface NetworkLimits {
  /** Connected nodes an IP address. Loopback is exempt on a local network. */
  maxPeersPerAddress: number
  /** Inbound sockets an IP address that have not finished their handshake. */
  maxPendingPerAddress: number
  /** Connections of any kind. */
  maxConnections: number
  /** Upkeep looks for more peers below this. */
  targetPeers: number
  /** Requests a second from one peer, in the long run. */
  requestsPerSecond: number
  /** Requests from one peer at once after a pause. */
  requestBurst: number
  /** Requests of one peer, and of all, being served at the same time. */
  maxConcurrentPerPeer: number
  maxConcurrent: number
  /** A request must have arrived whole after this many milliseconds. */
  readTimeoutMs: number
  /** A handler must have answered, and the answer be taken, after this many milliseconds. */
  serveTimeoutMs: number
  /** Streams of one peer, and of all, being served at the same time. */
  maxStreamsPerPeer: number
  maxStreams: number
  /** A stream must have ended after this many milliseconds. */
  streamTimeoutMs: number
  /** Gossip messages being validated at the same time; more are ignored. */
  maxPendingMessages: number
  /** A validator that has not answered after this many milliseconds counts as `ignore`. */
  validationTimeoutMs: number
}

export const DEFAULT_LIMITS: NetworkLimits = {
  maxPeersPerAddress: 3,
  maxPendingPerAddress: 5,
  maxConnections: 150,
  targetPeers: 8,
  requestsPerSecond: 500,
  requestBurst: 1000,
  maxConcurrentPerPeer: 24,
  maxConcurrent: 128,
  readTimeoutMs: 10_000,
  serveTimeoutMs: 60_000,
  maxStreamsPerPeer: 4,
  maxStreams: 32,
  streamTimeoutMs: 300_000,
  maxPendingMessages: 1024,
  validationTimeoutMs: 10_000,
}
