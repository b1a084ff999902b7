import { type Commit, type Committee, commitCodec, committeeCodec, committeeHash } from '@hydraai/consensus'
import { type Codec, type Hash, struct } from '@hydraai/core'
import { blockHash, type Header, headerCodec } from '../blocks/header.ts'
import { committeeOf } from '../committee/committee.ts'
import { LedgerError } from '../errors.ts'
import { type Genesis, genesisHash } from '../genesis/genesis.ts'
import { genesisState } from '../genesis/genesisState.ts'

/** What a light client is shown of a block: the header, who decided it, and who decides the next one. */
export interface LightBlock {
  readonly header: Header
  /** Of this block, not of its parent. */
  readonly commit: Commit
  /** Whose hash is `header.committee`. */
  readonly committee: Committee
  /** Whose hash is `header.nextCommittee`. */
  readonly nextCommittee: Committee
}

export const lightBlockCodec: Codec<LightBlock> = struct({
  header: headerCodec,
  commit: commitCodec,
  committee: committeeCodec,
  nextCommittee: committeeCodec,
})

/** A block that is believed: all that later blocks are checked against. */
export interface Trusted {
  readonly chainId: string
  /** Null for the genesis, which has none. */
  readonly header: Header | null
  readonly height: number
  /** Ms since the epoch. */
  readonly time: number
  /** The block's, or the genesis hash at height 0. */
  readonly hash: Hash
  /** Decides block `height` + 1. */
  readonly nextCommittee: Committee
}

/** Trust in the chain's first line. It expires like any other trust. @throws LedgerError GENESIS_INVALID */
export function trustGenesis(genesis: Genesis): Trusted {
  const state = genesisState(genesis)
  const { chainId, time } = genesis
  return { chainId, header: null, height: 0, time, hash: genesisHash(genesis), nextCommittee: committeeOf(state) }
}

/**
 * Trust in a block whose hash the person has from elsewhere: a friend, a site they believe. Its commit is not checked,
 * since after a long time those who signed it have nothing left to lose.
 * @throws LedgerError LIGHT_BLOCK_INVALID when it is another block or its parts do not belong together
 */
export function trustBlock(block: LightBlock, expectedHash: Hash): Trusted {
  checkParts(block)
  const trusted = trustedOf(block)
  if (trusted.hash !== expectedHash) refuse(block, `has the hash ${trusted.hash}, not the expected ${expectedHash}`)
  return trusted
}

/** The block as one that is believed from now on. */
export function trustedOf({ header, nextCommittee }: LightBlock): Trusted {
  const { chainId, height, time } = header
  return { chainId, header, height, time, hash: blockHash(header), nextCommittee }
}

/** That the parts are those that the header names, the commit is for it. No signature is looked at. */
export function checkParts(block: LightBlock): void {
  const { header, commit, committee, nextCommittee } = block
  if (commit.height !== header.height || commit.valueId !== blockHash(header)) refuse(block, 'has another commit')
  if (committeeHash(committee) !== header.committee) refuse(block, 'comes with another committee than its own')
  if (committeeHash(nextCommittee) !== header.nextCommittee) refuse(block, 'comes with another next committee')
}

export function refuse({ header }: LightBlock, problem: string, cause?: unknown): never {
  throw new LedgerError('LIGHT_BLOCK_INVALID', `the light block of height ${header.height} ${problem}`, {
    advice: 'Whoever served it is wrong or lies: ask another peer.',
    details: { height: header.height },
    ...(cause === undefined ? {} : { cause }),
  })
}
