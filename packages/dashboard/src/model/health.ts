import type { Status } from '../api/shapes.ts'
import { groupDigits } from './amounts.ts'
import { showDuration } from './time.ts'

export type Tone = 'good' | 'busy' | 'bad'

/** One thing about the node that is not as it should be, and what to do about it. */
export interface Health {
  readonly tone: Tone
  readonly title: string
  readonly detail: string
}

/** A chain that missed this many block intervals has stopped, rather than being late. */
const LATE_BLOCKS = 6

/**
 * Is the node healthy? The most serious finding, with its reason and remedy; a node with nothing wrong says so.
 *
 * @param syncLeftMs estimated time until synced, null when unknown
 */
export function healthOf(status: Status, now: number, syncLeftMs: number | null): Health {
  const { chain, peers, validators } = status
  const silentMs = now - chain.time
  const others = Math.max(0, validators.total - (validators.self ? 1 : 0))
  if (!chain.synced) return syncing(status, syncLeftMs)
  if (peers === 0 && others > 0) {
    return {
      tone: 'bad',
      title: 'No peers',
      detail:
        'This node is alone although the network has others. Check the connection, or start it with --peer MULTIADDR.',
    }
  }
  if (chain.height > 0 && silentMs > LATE_BLOCKS * chain.blockIntervalMs + 5_000) {
    return {
      tone: 'bad',
      title: 'No new blocks',
      detail: `The last block is ${showDuration(silentMs)} old. More than a third of the voting power is away; blocks go on when it returns. Nothing is lost.`,
    }
  }
  if (status.state === 'starting') return { tone: 'busy', title: 'Starting', detail: status.reason }
  return {
    tone: 'good',
    title: 'Healthy',
    detail:
      peers === 0 ? 'Synced; one node alone is a working network.' : 'Synced, connected, and blocks arrive on time.',
  }
}

function syncing({ chain, peers }: Status, leftMs: number | null): Health {
  if (peers === 0) {
    return {
      tone: 'bad',
      title: 'Not synced',
      detail: 'There is no peer to fetch blocks from. Start the node with --peer MULTIADDR.',
    }
  }
  const behind = chain.syncTarget === null ? null : chain.syncTarget - chain.height
  const missing =
    behind !== null && behind > 0 ? `${groupDigits(behind)} blocks to fetch` : 'Asking peers for newer blocks'
  const left = leftMs === null ? '' : `, about ${showDuration(leftMs)} left`
  return { tone: 'busy', title: 'Catching up', detail: `${missing}${left}.` }
}
