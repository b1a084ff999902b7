import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Counters } from '../counters.ts'
import type { NetworkLimits } from '../limits.ts'
import type { Misbehaviour } from './misbehaviour.ts'

export interface GaterOptions {
  limits: NetworkLimits
  localNetwork: boolean
  counters: Counters
  misbehaviour: Misbehaviour
  /** Connected peers with the address each is connected by. */
  connections(): { peerId: string; address: string }[]
}

/** The IP address of a multiaddr, or null where it has none of its own (a relayed connection, say). */
export function ipOf(multiaddr: string): string | null {
  if (multiaddr.includes('/p2p-circuit')) return null
  const match = /^\/(?:ip4|ip6)\/([^/]+)/.exec(multiaddr)
  return match?.[1]?.replace(/^::ffff:(?=\d+\.)/, '') ?? null
}

export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}

/**
 * Decides who may connect. libp2p has no limit for each IP address, and a handful of sockets that stay silent would
 * otherwise take all places of the handshake.
 */
export function connectionGater(options: GaterOptions): ConnectionGater {
  const { limits, localNetwork, counters, misbehaviour } = options
  const pending = new Map<string, Set<MultiaddrConnection>>()

  const isExempt = (ip: string | null): ip is null => ip === null || (localNetwork && isLoopback(ip))
  const othersAt = (ip: string, peerId?: string): number =>
    new Set(
      options
        .connections()
        .filter(c => c.peerId !== peerId && ipOf(c.address) === ip)
        .map(c => c.peerId),
    ).size
  const refuse = (): true => {
    counters.refuse('connection')
    return true
  }
  const release = (ip: string, connection: MultiaddrConnection): void => {
    const waiting = pending.get(ip)
    waiting?.delete(connection)
    if (waiting?.size === 0) pending.delete(ip)
  }
  const isFull = (peerId: PeerId, address: Multiaddr): boolean => {
    const ip = ipOf(address.toString())
    return !isExempt(ip) && othersAt(ip, peerId.toString()) >= limits.maxPeersPerAddress
  }
  const isBanned = (peerId: PeerId) => misbehaviour.isBanned(peerId.toString())

  return {
    // Dials to loopback and private addresses are the point of a local network, so nothing is refused by kind.
    denyDialMultiaddr: () => false,
    denyDialPeer: peerId => isBanned(peerId) && refuse(),
    denyInboundConnection(connection) {
      const ip = ipOf(connection.remoteAddr.toString())
      if (isExempt(ip)) return false
      const waiting = pending.get(ip) ?? new Set()
      if (waiting.size >= limits.maxPendingPerAddress || othersAt(ip) >= limits.maxPeersPerAddress) return refuse()
      pending.set(ip, waiting.add(connection))
      connection.addEventListener('close', () => release(ip, connection))
      return false
    },
    denyInboundEncryptedConnection: (peerId, connection) =>
      (isBanned(peerId) || isFull(peerId, connection.remoteAddr)) && refuse(),
    denyInboundUpgradedConnection(_peerId, connection) {
      const ip = ipOf(connection.remoteAddr.toString())
      if (ip !== null) release(ip, connection)
      return false
    },
    denyOutboundEncryptedConnection: (peerId, connection) =>
      (isBanned(peerId) || isFull(peerId, connection.remoteAddr)) && refuse(),
  }
}
