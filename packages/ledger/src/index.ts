export { type Answer, answerCodec, answerHash } from './asking/answer.ts'
export { hasValidReceipt, type Receipt, receiptBytes, receiptCodec, signReceipt } from './asking/receipt.ts'
export {
  type AskRequest,
  MAX_ANSWER_TOKENS,
  MAX_QUESTION_BYTES,
  requestCodec,
  requestHash,
} from './asking/request.ts'
export { applyBlock } from './blocks/applyBlock.ts'
export {
  type Block,
  blockBytes,
  blockCodec,
  commitHash,
  eventsRoot,
  resultsRoot,
  transactionsRoot,
} from './blocks/block.ts'
export { type BlockParts, type BuiltBlock, buildBlock } from './blocks/buildBlock.ts'
export { blockHash, type Header, type HeaderModel, headerCodec } from './blocks/header.ts'
export { beaconAlpha, nextBeacon } from './committee/beacon.ts'
export { committeeOf } from './committee/committee.ts'
export { endsEpoch, epochOf } from './committee/epochs.ts'
export { powerOf } from './committee/power.ts'
export {
  type MoveDue,
  narrowsDue,
  picksDue,
  type RulingDue,
  rulingsDue,
  type StateDue,
  statesDue,
} from './disputes/duties.ts'
export type { Ruling, RulingAnswer, RulingQuestion } from './disputes/ruling.ts'
export { type Supply, supplyOf } from './economics/supply.ts'
export { LedgerError, type LedgerErrorCode } from './errors.ts'
export {
  eventCodec,
  eventsCodec,
  type JudgedVerdict,
  type Judgement,
  type LedgerEvent,
  type MoneyEntry,
  moneyOf,
  type Offence,
  type UpdateStory,
} from './events.ts'
export {
  checkGenesis,
  type Genesis,
  type GenesisModel,
  type GenesisValidator,
  genesisCodec,
  genesisHash,
} from './genesis/genesis.ts'
export { genesisOfJson, genesisToJson } from './genesis/genesisJson.ts'
export { genesisEvents, genesisState } from './genesis/genesisState.ts'
export {
  type ChainParameters,
  DEFAULT_PARAMETERS,
  MAX_BLOCK_BYTES,
  MAX_BLOCK_TRANSACTIONS,
  MAX_COMMITTEE,
  MAX_MODELS,
  parametersCodec,
} from './genesis/parameters.ts'
export {
  type Bisection,
  bisect,
  type LightStore,
  makeLightStore,
  offerLightBlock,
  verifyParent,
} from './light/bisect.ts'
export { attackEvidence, type Conflict, conflictOf } from './light/conflict.ts'
export { type EventProof, eventProofCodec, modelOf, proveEvent, verifyEvent } from './light/eventProof.ts'
export {
  type LightBlock,
  lightBlockCodec,
  type Trusted,
  trustBlock,
  trustedOf,
  trustGenesis,
} from './light/lightBlock.ts'
export { type AccountProof, accountProofCodec, proveAccount, verifyAccount } from './light/stateProof.ts'
export {
  DEFAULT_CLOCK_LEAD_MS,
  defaultTrustingPeriod,
  type LightOptions,
  verifyAdjacent,
  verifySkipping,
} from './light/verify.ts'
export { operationsOf, unitOperations } from './models/cost.ts'
export { FOUNDING_ROUND, foundingSeed } from './models/founding.ts'
export {
  MAX_DOCUMENT_BYTES,
  MAX_PUBLISHED_PARAMETERS,
  MAX_PUBLISHED_UNITS,
  MAX_UNIT_OPERATIONS,
} from './models/limits.ts'
export { rewardPpmOf, shareOf } from './models/reward.ts'
export type { ModelUpdate } from './rounds/aggregate.ts'
export { stepsOfSegment } from './rounds/challenge.ts'
export {
  type DisclosureDue,
  type Duty,
  disclosuresDue,
  type OpenWork,
  opensDue,
  openWork,
  revealsDue,
  type VerificationDuty,
  verificationDuties,
} from './rounds/duties.ts'
export { isPlant, mayPlant, type PlantPlace, plantAlpha } from './rounds/plants.ts'
export {
  type BaseUpdate,
  type ComputedResult,
  compareResults,
  MAX_RULINGS,
  resultCodec,
} from './rounds/result.ts'
export { type AggregatedUpdate, type BaseDue, type ModelDue, type ResultDue, resultsDue } from './rounds/resultsDue.ts'
export type { RevealedUpdate } from './rounds/update.ts'
export { accountOf } from './state/account.ts'
export { changedEntries, type EntryChanges, type StoredEntry } from './state/changes.ts'
export { disputeKey } from './state/disputeKey.ts'
export { historyProof, historyRoot, verifyHistory } from './state/history.ts'
export { residualOf } from './state/residual.ts'
export { stateRoot } from './state/root.ts'
export { decodeState, encodeState, stateOfEntries } from './state/snapshot.ts'
export type {
  Account,
  Challenge,
  Claims,
  Dispute,
  DrawnVerifier,
  LedgerState,
  Model,
  Outcome,
  Phase,
  Question,
  Residual,
  Reveal,
  Round,
  TracePoint,
  Unbonding,
  Update,
  UpdateRef,
  Verdict,
} from './state/types.ts'
export { type Action, actionCodec } from './transactions/action.ts'
export { checkAction, checkTransaction } from './transactions/apply.ts'
export {
  type LedgerEvidence,
  type LightClientAttack,
  ledgerEvidenceCodec,
  type ReportEvidence,
} from './transactions/evidence.ts'
export type { Publish } from './transactions/publish.ts'
export { type Query, receiptOf } from './transactions/query.ts'
export { findRegistrationWork, hasRegistrationWork, isName, registrationWork } from './transactions/register.ts'
export { maxPayloadBytes } from './transactions/reveal.ts'
export {
  MAX_TRANSACTION_BYTES,
  noteSignature,
  type SignedTransaction,
  senderOf,
  signatureClaim,
  signedTransactionCodec,
  signTransaction,
  type Transaction,
  transactionBytes,
  transactionId,
} from './transactions/transaction.ts'
