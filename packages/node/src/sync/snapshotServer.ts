import { decode, encode } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { Snapshots } from '../chain/snapshots.ts'
import { MAX_SNAPSHOTS_BYTES, snapshotsRequestCodec, snapshotsResponseCodec } from './protocols.ts'

export const SNAPSHOTS_PROTOCOL = 'snapshots/1'

/** Tells which snapshots are here, and gives the blocks they belong to; their content goes by its hash like any other. */
export function serveSnapshots(network: Network, chain: Chain, snapshots: Snapshots): void {
  const limits = { maxRequestBytes: 16, maxResponseBytes: MAX_SNAPSHOTS_BYTES }
  network.handle(SNAPSHOTS_PROTOCOL, limits, async request => {
    const height = decode(snapshotsRequestCodec, request)
    const held = await snapshots.list()
    if (height === null) return encode(snapshotsResponseCodec, { offers: held.slice(0, 4), block: null })
    const offered = held.some(snapshot => snapshot.height === height)
    const [raw, events] = offered ? await Promise.all([chain.rawBlockAt(height), chain.rawEventsAt(height)]) : []
    return encode(snapshotsResponseCodec, { offers: [], block: raw && events ? { block: raw.block, events } : null })
  })
}
