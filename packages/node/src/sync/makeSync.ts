import type { Clock } from '@hydraai/core'
import type { LightBlock } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { Snapshots } from '../chain/snapshots.ts'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import { BlockSync } from './blockSync.ts'
import { LightFetch } from './lightFetch.ts'
import { serveLight } from './lightServer.ts'
import type { SyncMode, TrustedPoint } from './options.ts'
import { PeerAsker } from './peerAsker.ts'
import type { PeerBook } from './peerBook.ts'
import { PeerScores } from './peerScores.ts'
import type { SignatureChecker } from './signatures/checker.ts'
import { serveSnapshots } from './snapshotServer.ts'
import { SnapshotSync } from './snapshotSync.ts'

export interface SyncParts {
  readonly network: Network
  readonly chain: Chain
  readonly peers: PeerBook
  readonly library: Library
  readonly snapshots: Snapshots
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly signatures: SignatureChecker
  readonly mode: SyncMode
  readonly trust: TrustedPoint | null
  /** Called when the chain has grown, so that consensus takes up the new height. */
  readonly onAdvanced: () => Promise<void>
  /** Called with two light blocks of one height that were both decided: somebody broke the rules of voting. */
  readonly onConflict: (one: LightBlock, other: LightBlock) => void
}

/** All of a node's syncing, put together: by blocks, by a snapshot, and for light clients. */
export function makeSync(parts: SyncParts): { sync: BlockSync; light: LightFetch; scores: PeerScores } {
  const { network, chain, peers, library, snapshots, clock, logger, random, trust, onConflict } = parts
  const scores = new PeerScores(clock)
  const asker = new PeerAsker({ network, peers, scores, logger, random })
  const light = new LightFetch({ chain, asker, now: () => clock.now(), trust, onConflict })
  const bySnapshot = new SnapshotSync({ chain, asker, light, library, snapshots, logger })
  const sync = new BlockSync({ ...parts, scores, takeSnapshot: gain => bySnapshot.run(gain) })
  serveLight(network, chain)
  serveSnapshots(network, chain, snapshots)
  return { sync, light, scores }
}
