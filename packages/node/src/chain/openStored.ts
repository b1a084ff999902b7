import { commitCodec } from '@hydraai/consensus'
import { decode, type Hash, HydraError } from '@hydraai/core'
import {
  blockCodec,
  blockHash,
  type Genesis,
  genesisHash,
  type LedgerState,
  stateOfEntries,
  stateRoot,
} from '@hydraai/ledger'
import type { BlockStore, StateEntry } from '@hydraai/storage'
import type { Tip } from './chain.ts'

/** What a block store holds of this chain; undefined when it holds nothing yet. */
export async function openStored(
  blocks: BlockStore,
  genesis: Genesis,
): Promise<{ state: LedgerState; tip: Tip; lowest: number } | undefined> {
  const height = await blocks.latestHeight()
  if (height === undefined) return undefined
  await blocks.tidy()
  const [lowest, block, commit] = await Promise.all([
    blocks.firstHeight(),
    blocks.blockAt(height),
    blocks.commitAt(height),
  ])
  if (lowest === undefined || !block || !commit)
    throw corrupt(`The database names block ${height} but does not hold it.`)
  const { header } = decode(blockCodec, block)
  const entries: StateEntry[] = []
  for await (const entry of blocks.stateEntries()) entries.push(entry)
  const hash = blockHash(header)
  const state = readState(hash, entries)
  if (state.genesis !== genesisHash(genesis))
    throw new HydraError('CHAIN_FOREIGN', 'The data folder holds the chain of another network.', {
      advice: 'Use another --data-dir for this network.',
    })
  if (stateRoot(state) !== header.state) throw corrupt(`The stored state is not the one that block ${height} leads to.`)
  return { state, tip: { height, hash, time: header.time, commit: decode(commitCodec, commit) }, lowest }
}

/** An earlier release kept the state as one value, or other fields in its entries. */
function readState(hash: Hash, entries: readonly StateEntry[]): LedgerState {
  try {
    if (entries.length > 0) return stateOfEntries(hash, entries)
  } catch (cause) {
    if (!(cause instanceof HydraError) || cause.code !== 'STATE_INVALID') throw cause
  }
  throw new HydraError('CHAIN_FORMAT_OLD', 'The data folder was written by an earlier release.', {
    advice: 'Move the data folder away (keep the wallet) and start again: the node fetches the chain from its peers.',
  })
}

function corrupt(what: string): HydraError {
  return new HydraError('STORAGE_CORRUPT', what, {
    advice: 'Move the data folder away and start again: the node fetches the chain from its peers.',
  })
}
