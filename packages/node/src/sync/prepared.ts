import { type Commit, type Committee, commitCodec, committeeHash, validatorOf, voteSignBytes } from '@hydraai/consensus'
import { type Clock, decode, type Hash, HydraError, rememberSignature } from '@hydraai/core'
import { type Block, blockCodec, blockHash, type Header, noteSignature, signatureClaim } from '@hydraai/ledger'
import type { Chain, IncomingBlock } from '../chain/chain.ts'
import type { TrustedPoint } from './options.ts'
import type { BlockEntry } from './protocols.ts'
import type { SignatureChecker, SignatureClaim } from './signatures/checker.ts'

/** Work between two pauses, in transactions and blocks: other messages want to be answered too. */
const PAUSE_TRANSACTIONS = 400
/** Blocks that are written together, and the transactions in them: a write that is waited for costs some milliseconds. */
const GROUP_BLOCKS = 32
const GROUP_TRANSACTIONS = 1_600

/** Decoded blocks, each with the promise that its signatures were looked at. */
export interface Prepared {
  readonly blocks: readonly (IncomingBlock & { readonly checked: Promise<void> })[]
}

interface KnownCommittee {
  readonly committee: Committee
  readonly hash: Hash
}

/** Decodes blocks from `from` on and sends their signatures to be checked. @throws HydraError for what is no such block */
export async function prepare(
  parts: { chain: Chain; clock: Clock; signatures: SignatureChecker; trust: TrustedPoint | null },
  from: number,
  entries: readonly BlockEntry[],
): Promise<Prepared> {
  const blocks: (IncomingBlock & { checked: Promise<void> })[] = []
  const committee = parts.chain.committee()
  const known = { committee, hash: committeeHash(committee) }
  let work = 0
  for (const [i, raw] of entries.entries()) {
    const block = decode(blockCodec, raw.block)
    if (block.header.height !== from + i)
      throw new HydraError('BLOCKS_WRONG', `Block ${block.header.height} came in place of block ${from + i}.`)
    if (parts.trust?.height === from + i && blockHash(block.header) !== parts.trust.hash)
      throw new HydraError('BLOCKS_WRONG', `Block ${from + i} is not the one that this node was told to trust.`)
    const commit = decode(commitCodec, raw.commit)
    blocks.push({ block, commit, raw, checked: check(parts.signatures, known, block, commit) })
    work += block.transactions.length + 10
    if (work < PAUSE_TRANSACTIONS) continue
    work = 0
    await pause(parts.clock)
  }
  return { blocks }
}

/** Has all signatures of a block checked that can be told from it alone; the ledger finds the answers where it asks. */
async function check(
  signatures: SignatureChecker,
  known: KnownCommittee,
  { header, transactions }: Block,
  commit: Commit,
): Promise<void> {
  const votes = commitClaims(known, header, commit)
  const answers = await signatures.check([...votes, ...transactions.map(signatureClaim)])
  for (const [i, answer] of answers.entries()) {
    if (answer === null) continue
    const vote = votes[i]
    if (vote) rememberSignature(vote.publicKey, vote.message, vote.signature, answer)
    else noteSignature(transactions[i - votes.length]!, answer)
  }
}

/** What the precommits claim, if the committee is the one of now: most of the time, for it changes once an epoch. */
function commitClaims(
  { committee, hash }: KnownCommittee,
  header: Header,
  { height, round, valueId, precommits }: Commit,
): SignatureClaim[] {
  if (header.committee !== hash || precommits.length > committee.validators.length) return []
  return precommits.flatMap(({ validator, signature }) => {
    const member = validatorOf(committee, validator)
    if (member === undefined) return []
    const message = voteSignBytes(header.chainId, { type: 'precommit', height, round, valueId, validator })
    return [{ publicKey: member.publicKey, message, signature }]
  })
}

/** Appends what the chain does not have yet, some blocks at a time. @throws HydraError at the first that is not valid */
export async function applyPrepared(
  parts: { chain: Chain; clock: Clock; stopped: () => boolean },
  { blocks }: Prepared,
): Promise<void> {
  const { chain, clock, stopped } = parts
  let work = 0
  const breathe = async ({ transactions }: Block): Promise<void> => {
    work += transactions.length + 10
    if (work < PAUSE_TRANSACTIONS) return
    work = 0
    await pause(clock)
  }
  for (let at = 0; at < blocks.length && !stopped(); ) {
    let end = at
    for (let size = 0; end < blocks.length && end - at < GROUP_BLOCKS && size < GROUP_TRANSACTIONS; end++)
      size += blocks[end]!.block.transactions.length
    const group = blocks.slice(at, end)
    await Promise.all(group.map(({ checked }) => checked))
    await appendNew(chain, group, breathe)
    at = end
  }
}

/** Consensus may have appended some of them meanwhile. */
async function appendNew(
  chain: Chain,
  group: readonly IncomingBlock[],
  breathe: (applied: Block) => Promise<void>,
): Promise<void> {
  for (;;) {
    const missing = group.filter(({ block }) => block.header.height > chain.height)
    if (missing.length === 0) return
    try {
      await chain.appendAll(missing, breathe)
      return
    } catch (error) {
      const overtaken = error instanceof HydraError && error.code === 'BLOCK_OUT_OF_ORDER'
      if (!overtaken || missing[0]!.block.header.height > chain.height) throw error
    }
  }
}

function pause(clock: Clock): Promise<void> {
  return new Promise(resolve => {
    clock.after(0, resolve)
  })
}
