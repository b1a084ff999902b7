import { commitCodec } from '@hydraai/consensus'
import { decode } from '@hydraai/core'
import { blockCodec, type LightBlock } from '@hydraai/ledger'
import type { Chain } from './chain.ts'

/** What a light client wants of block `height`; undefined when this node does not hold it. */
export async function lightBlockAt(chain: Chain, height: number): Promise<LightBlock | undefined> {
  const raw = await chain.rawBlockAt(height)
  if (!raw) return undefined
  const { header } = decode(blockCodec, raw.block)
  const [committee, nextCommittee] = await Promise.all([
    chain.committeeOf(header.committee),
    chain.committeeOf(header.nextCommittee),
  ])
  if (!committee || !nextCommittee) return undefined
  return { header, commit: decode(commitCodec, raw.commit), committee, nextCommittee }
}
