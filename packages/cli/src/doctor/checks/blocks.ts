import { commitCodec, verifyCommit } from '@hydraai/consensus'
import { decode, type Hash } from '@hydraai/core'
import {
  type Block,
  blockCodec,
  blockHash,
  commitHash,
  eventsCodec,
  eventsRoot,
  resultsRoot,
  transactionsRoot,
} from '@hydraai/ledger'
import type { Chain } from '@hydraai/node'
import type { Examination } from '../finding.ts'
import { messageOf } from './identity.ts'

/** From here on it is the disk and not a block: one more changes nothing. */
const MAX_BAD = 5

/** Blocks as a stranger would judge them: they decode, hang together, and their committees have signed them. */
export async function checkBlocks(examination: Examination, chain: Chain): Promise<void> {
  const { tell, progress, stop, last } = examination
  const from = Math.max(chain.lowest, chain.height - last + 1)
  const total = chain.height - from + 1
  const bad: string[] = []
  let parent: Link | null = from === 1 ? { hash: chain.genesisHash, nextCommittee: null } : await linkBelow(chain, from)
  for (let height = from; height <= chain.height && bad.length < MAX_BAD; height++) {
    if (stop.aborted) return
    try {
      parent = await checkBlock(chain, height, parent)
    } catch (error) {
      bad.push(`block ${height}: ${messageOf(error)}`)
      parent = null
    }
    progress('chain', height - from + 1, total)
  }
  if (bad.length === 0) {
    const text =
      total === 0
        ? 'no block yet'
        : `${total} block${total === 1 ? '' : 's'}, ${from} to ${chain.height}: linked, and signed by their committees`
    tell({ check: 'chain', verdict: 'ok', text })
    return
  }
  tell({
    check: 'chain',
    verdict: 'fail',
    text: `${bad.join('; ')}${bad.length === MAX_BAD ? '; and perhaps more' : ''}`,
    advice:
      'Move the store folder away (keep the wallet) and start again, or bring the chain in from a file with --import-chain. Check the disk.',
  })
}

/** What the next block hangs on. */
interface Link {
  readonly hash: Hash
  readonly nextCommittee: Hash | null
}

async function linkBelow(chain: Chain, height: number): Promise<Link | null> {
  const hash = await chain.hashAt(height - 1)
  return hash === undefined ? null : { hash, nextCommittee: null }
}

async function checkBlock(chain: Chain, height: number, parent: Link | null): Promise<Link> {
  const raw = await chain.rawBlockAt(height)
  const rawEvents = await chain.rawEventsAt(height)
  if (!raw || !rawEvents) throw new Error('it is not there')
  const block = decode(blockCodec, raw.block)
  const commit = decode(commitCodec, raw.commit)
  const { header } = block
  const hash = blockHash(header)
  demand(header.chainId === chain.chainId && header.height === height, 'it is another block')
  demand(parent === null || header.parent === parent.hash, 'it does not follow the block before')
  demand(
    (await chain.hashAt(height)) === hash && (await chain.heightOf(hash)) === height,
    'it is not found by its hash',
  )
  demand(contentFits(block), 'its content is not what its header says')
  demand(eventsRoot(decode(eventsCodec, rawEvents)) === header.events, 'its events are not what its header says')
  demand(commit.height === height && commit.valueId === hash, 'its commit is of another block')
  const { nextCommittee } = parent ?? { nextCommittee: null }
  demand(nextCommittee === null || nextCommittee === header.committee, 'its committee is not the one that was drawn')
  const committee = await chain.committeeOf(header.committee)
  if (committee === undefined) throw new Error('its committee is not stored')
  verifyCommit(chain.chainId, committee, commit)
  return { hash, nextCommittee: header.nextCommittee }
}

function contentFits({ header, transactions, results, lastCommit }: Block): boolean {
  return (
    transactionsRoot(transactions) === header.transactions &&
    resultsRoot(results) === header.results &&
    commitHash(lastCommit) === header.lastCommit
  )
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
