const BEST = 100
const STARS = 5

/** Reputation 0..100 as 0..5 stars; 98 and 95 have five, 91 and 87 four. */
export function starsOf(reputation: number): number {
  const held = Math.min(BEST, Math.max(0, reputation))
  return Math.floor((held + 5) / (BEST / STARS))
}

/** A person's name for a peer: their own, or `node-` and the end of the peer id, which differs where the start does not. */
export function peerName(peer: { readonly name: string | null; readonly peerId: string }): string {
  return peer.name?.trim() || `node-${peer.peerId.slice(-4)}`
}
