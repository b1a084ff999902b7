import {
  type Commit,
  commitCodec,
  type Evidence,
  makeCommittee,
  signedVoteCodec,
  verifyEvidence,
  voteSignBytes,
} from '@hydraai/consensus'
import { type Address, type Codec, type Hash, hash, list, variant, verifySignature } from '@hydraai/core'
import { blockHash, type Header, headerCodec } from '../blocks/header.ts'
import { unbondingsOf } from '../economics/unbonding.ts'
import { LedgerError } from '../errors.ts'
import type { Draft } from '../state/draft.ts'
import { verifyHistory } from '../state/history.ts'
import type { TransactionContext } from './context.ts'

/** Signers of a block that never was, shown to whoever follows headers only. */
export interface LightClientAttack {
  readonly type: 'light-client-attack'
  /** The false one. */
  readonly header: Header
  /** Precommits over the false header's hash. */
  readonly commit: Commit
  /** Of the same height, on this chain. */
  readonly trueHeader: Header
  /** That the hash of the true header is in the chain's history: see `historyProof`. */
  readonly proof: readonly Hash[]
}

export type LedgerEvidence = Evidence | LightClientAttack

/** Proof that validators broke the rules of voting. It costs them all that they have at stake. */
export interface ReportEvidence {
  readonly type: 'evidence'
  readonly evidence: LedgerEvidence
}

const MAX_PROOF = 53

export const ledgerEvidenceCodec: Codec<LedgerEvidence> = variant({
  'duplicate-vote': { a: signedVoteCodec, b: signedVoteCodec },
  'light-client-attack': {
    header: headerCodec,
    commit: commitCodec,
    trueHeader: headerCodec,
    proof: list(hash, { max: MAX_PROOF }),
  },
})

export const evidenceFields = { evidence: ledgerEvidenceCodec }

export function applyEvidence(context: TransactionContext, { evidence }: ReportEvidence): void {
  const { draft } = context
  const at = evidence.type === 'duplicate-vote' ? evidence.a.height : evidence.header.height
  const { height, parameters } = draft.block
  if (at < 1 || at > height || at + parameters.evidenceBlocks < height) {
    refuse(`evidence of height ${at} is too old or of a height that never was`)
  }
  const guilty = evidence.type === 'duplicate-vote' ? [doubleVoter(draft, evidence)] : signersOf(draft, evidence)
  for (const validator of guilty) slash(context, validator, at, evidence.type)
}

/** Whoever has something to lose and signed two votes that contradict each other. */
function doubleVoter(draft: Draft, evidence: Evidence): Address {
  const { validator } = evidence.a
  if (!losersIn(draft, [validator]).has(validator)) refuse(`${validator} has nothing at stake, or was slashed already`)
  return verifyEvidence(draft.block.chainId, committeeOfOne(draft, validator), evidence)
}

/**
 * Everyone with something to lose who precommitted the false header. Parent and committee of a height are the same for
 * every honest block, whatever its proposer put into it, so nobody honest can have signed one with others.
 */
function signersOf(draft: Draft, evidence: LightClientAttack): Address[] {
  const { header, commit, trueHeader, proof } = evidence
  const { chainId, height, history } = draft.block
  if (header.chainId !== chainId || trueHeader.height !== header.height) refuse('its headers are not of one height')
  if (header.parent === trueHeader.parent && header.committee === trueHeader.committee)
    refuse('an honest validator could have signed its false header')
  if (!verifyHistory({ height, history }, trueHeader.height, blockHash(trueHeader), proof))
    refuse('its true header is not in the history of this chain')
  const valueId = blockHash(header)
  if (commit.height !== header.height || commit.valueId !== valueId) refuse('its commit is not over its false header')
  const losers = losersIn(
    draft,
    commit.precommits.map(({ validator }) => validator),
  )
  const signers = commit.precommits.filter(({ validator }) => losers.has(validator))
  if (signers.length === 0) refuse('nobody who signed it has anything at stake')
  if (new Set(signers.map(({ validator }) => validator)).size !== signers.length) refuse('it names a signer twice')
  for (const { validator, signature } of signers) {
    const vote = { type: 'precommit' as const, height: header.height, round: commit.round, valueId, validator }
    if (!verifySignature(draft.account(validator).publicKey!, voteSignBytes(chainId, vote), signature))
      refuse(`the signature of ${validator} is not theirs`)
  }
  return signers.map(({ validator }) => validator)
}

/**
 * Those of the suspects who have something bound. Slashed once, a validator has nothing more to lose, so a second proof
 * changes nothing and is refused. What is unbonding is walked through once, however many suspects a stranger names.
 */
function losersIn(draft: Draft, suspects: readonly Address[]): Set<Address> {
  const accounts = suspects.map(address => [address, draft.account(address)] as const)
  const punishable = accounts.filter(([, { slashed, publicKey }]) => !slashed && publicKey !== null)
  const losers = new Set<Address>()
  for (const [address, { stake }] of punishable) if (stake > 0n) losers.add(address)
  const others = new Set(punishable.map(([address]) => address).filter(address => !losers.has(address)))
  if (others.size === 0) return losers
  for (const [, { account }] of draft.unbondings.entries()) if (others.has(account)) losers.add(account)
  return losers
}

/** What power it had at the height does not matter to whether it voted twice. */
function committeeOfOne(draft: Draft, address: Address) {
  return makeCommittee([{ address, publicKey: draft.account(address).publicKey!, power: 1 }])
}

/** Burns all that is bound, and takes the vote away at once, unless nobody would be left to make blocks. */
function slash(
  { draft, sender, transaction }: TransactionContext,
  account: Address,
  height: number,
  offence: LedgerEvidence['type'],
): void {
  const unbonding = unbondingsOf(draft, account)
  const amount = draft.account(account).stake + unbonding.amount
  for (const key of unbonding.keys) draft.unbondings.delete(key)
  draft.burnt += amount
  draft.updateAccount(account, { stake: 0n, slashed: true, reputation: 0 })
  const others = draft.committee.filter(member => member.address !== account)
  if (others.length > 0 && others.length < draft.committee.length) draft.committee = others
  draft.events.push({ type: 'slash', transaction, account, amount, height, reporter: sender, offence })
}

function refuse(problem: string): never {
  throw new LedgerError('EVIDENCE_REFUSED', `this evidence is refused: ${problem}`)
}
