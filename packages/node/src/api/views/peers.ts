import type { HydraNode } from '../../node.ts'
import type { KnownPeer } from '../../sync/peerBook.ts'
import type { PeersAnswer } from '../http/schemas.ts'

type Activity = PeersAnswer['peers'][number]['activity']
const ACTIVITIES = new Set(['training', 'verifying', 'synced', 'syncing'])

/** Connected peers, with what each says of itself and what the ledger knows of its account. */
export function peersAnswer({ ports, peers, state }: HydraNode): PeersAnswer {
  return {
    peers: ports.network.peers().map(({ peerId, address, direction, latencyMs, connectedAt }) => {
      const known = peers.get(peerId)
      const account = known && state.accounts.get(known.address)
      return {
        peerId,
        name: known ? account?.name || known.name || null : null,
        address,
        account: known?.address ?? null,
        direction,
        latencyMs,
        connectedAt: Math.round(connectedAt),
        height: known?.height ?? null,
        reputation: account?.reputation ?? null,
        activity: activityOf(known),
      }
    }),
  }
}

/** A peer's own word: anything else than the four is left out. */
function activityOf(peer: KnownPeer | undefined): Activity {
  return peer && ACTIVITIES.has(peer.activity) ? (peer.activity as Activity) : null
}
