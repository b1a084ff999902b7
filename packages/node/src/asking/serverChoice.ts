import type { Address, PublicKey } from '@hydraai/core'
import { accountOf, type LedgerState } from '@hydraai/ledger'
import type { PeerInfo } from '@hydraai/network'
import type { KnownPeer } from '../sync/peerBook.ts'

/** Peers whose latency is not known come after those that are this near. */
const UNKNOWN_LATENCY_MS = 1_000

export interface Server {
  readonly peerId: string
  readonly address: Address
  readonly publicKey: PublicKey
  readonly name: string
}

/**
 * The peers that say they answer for a model and could be paid, the nearest first; those that failed a moment ago come last,
 * for they may be all there are. One account is asked once, wherever it says that it is.
 */
export function serversOf(
  model: string,
  {
    peers,
    connections,
    state,
    self,
    avoided,
  }: {
    peers: readonly KnownPeer[]
    connections: readonly PeerInfo[]
    state: LedgerState
    self: Address
    avoided: (peerId: string) => boolean
  },
): Server[] {
  const latencies = new Map(connections.map(({ peerId, latencyMs }) => [peerId, latencyMs ?? UNKNOWN_LATENCY_MS]))
  const latencyOf = (peerId: string) => latencies.get(peerId) ?? UNKNOWN_LATENCY_MS
  const servers: Server[] = []
  const near = [...peers].sort(
    (a, b) =>
      Number(avoided(a.peerId)) - Number(avoided(b.peerId)) ||
      latencyOf(a.peerId) - latencyOf(b.peerId) ||
      (a.peerId < b.peerId ? -1 : 1),
  )
  for (const { peerId, address, name, serves } of near) {
    const { registered, publicKey } = accountOf(state, address)
    const isUsable = serves.includes(model) && registered && publicKey !== null && address !== self
    if (!isUsable || servers.some(server => server.address === address)) continue
    servers.push({ peerId, address, publicKey, name })
  }
  return servers
}
