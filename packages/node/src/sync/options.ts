import type { Hash } from '@hydraai/core'

/** How a node that is far behind catches up: `auto` takes a snapshot where that is nearer. */
export type SyncMode = 'auto' | 'blocks' | 'snapshot'

/** A block that the owner of a node has from somebody they believe. */
export interface TrustedPoint {
  readonly height: number
  readonly hash: Hash
}
