export { type Commit, commitCodec, makeCommit, verifyCommit } from './commit.ts'
export {
  type Committee,
  committeeCodec,
  committeeHash,
  MAX_TOTAL_POWER,
  MAX_VALIDATORS,
  makeCommittee,
  type Validator,
  validatorOf,
} from './committee.ts'
export {
  commitOf,
  driverStep,
  MAX_ROUNDS_AHEAD,
} from './driver.ts'
export type { DriverEffect, DriverInput, DriverState, DriverTransition } from './driverState.ts'
export { type Evidence, evidenceCodec, makeEvidence, verifyEvidence } from './evidence.ts'
export {
  type Proposal,
  proposalCodec,
  proposalSignBytes,
  type SignedProposal,
  signedProposalCodec,
  verifyProposal,
} from './proposal.ts'
export { proposerOf } from './proposer.ts'
export { hasHonest, isQuorum } from './quorum.ts'
export {
  makeRoundState,
  type RoundInput,
  type RoundOutput,
  type RoundState,
  type RoundTransition,
  roundStep,
  type Step,
} from './roundMachine.ts'
export { type Timeout, type TimeoutKind, type TimeoutParameters, timeoutCodec, timeoutMs } from './timeout.ts'
export {
  isSameVote,
  type SignedVote,
  signedVoteCodec,
  type Vote,
  type VoteType,
  verifyVote,
  voteCodec,
  voteSignBytes,
} from './vote.ts'
export {
  applyVote,
  hasQuorum,
  hasQuorumOfAny,
  makeVoteKeeper,
  skipRoundOf,
  type Threshold,
  type VoteKeeper,
  type VoteOutcome,
  votesFor,
} from './voteKeeper.ts'
