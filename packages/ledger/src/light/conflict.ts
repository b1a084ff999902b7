import { type Evidence, makeEvidence, type SignedVote } from '@hydraai/consensus'
import { type Hash, HydraError } from '@hydraai/core'
import { blockHash, type Header } from '../blocks/header.ts'
import type { LightClientAttack } from '../transactions/evidence.ts'
import type { LightBlock } from './lightBlock.ts'

/** Two decided blocks of one height: somebody broke the rules of voting, and who did can be told for the first two kinds. */
export interface Conflict {
  readonly height: number
  /**
   * - `lunatic`: they differ in parent or committee, which every honest block of a height shares. All signers of the one
   *   that is not on the chain are guilty; which one that is, a node with the chain knows: `attackEvidence`.
   * - `equivocation`: decided in one round, so more than a third of the power voted twice: `duplicateVotes`.
   * - `amnesia`: decided in two rounds by the same committee. Somebody voted in the later round against a lock; from
   *   the two commits alone nobody can tell who, so nobody is punished.
   */
  readonly kind: 'lunatic' | 'equivocation' | 'amnesia'
  /** Everyone who signed both in one round. */
  readonly duplicateVotes: readonly Evidence[]
}

/**
 * How two light blocks of one height contradict each other; null when they are the same block. Both must have been
 * verified: what a witness makes up is no conflict but a lie.
 * @throws HydraError CONFLICT_INVALID when they are of different heights or chains
 */
export function conflictOf(one: LightBlock, other: LightBlock): Conflict | null {
  const { height, chainId } = one.header
  if (other.header.height !== height || other.header.chainId !== chainId) {
    throw new HydraError('CONFLICT_INVALID', 'blocks of different heights or chains cannot contradict each other')
  }
  if (blockHash(one.header) === blockHash(other.header)) return null
  const isSameRound = one.commit.round === other.commit.round
  const duplicateVotes = isSameRound ? signersOfBoth(one, other) : []
  if (one.header.parent !== other.header.parent || one.header.committee !== other.header.committee) {
    return { height, kind: 'lunatic', duplicateVotes }
  }
  return { height, kind: isSameRound ? 'equivocation' : 'amnesia', duplicateVotes }
}

/** What punishes the signers of `falseBlock`; the proof is `historyProof` for the true header's hash. */
export function attackEvidence(falseBlock: LightBlock, trueHeader: Header, proof: readonly Hash[]): LightClientAttack {
  const { header, commit } = falseBlock
  return { type: 'light-client-attack', header, commit, trueHeader, proof }
}

function signersOfBoth(one: LightBlock, other: LightBlock): Evidence[] {
  const votes = new Map(precommitsOf(one).map(vote => [vote.validator, vote]))
  return precommitsOf(other).flatMap(vote => {
    const first = votes.get(vote.validator)
    return first === undefined ? [] : [makeEvidence(first, vote)]
  })
}

function precommitsOf({ commit }: LightBlock): SignedVote[] {
  const { height, round, valueId } = commit
  return commit.precommits.map(({ validator, signature }) => ({
    ...{ type: 'precommit' as const, height, round, valueId },
    validator,
    signature,
  }))
}
