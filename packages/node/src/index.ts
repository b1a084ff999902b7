export { type ApiOptions, ApiServer } from './api/apiServer.ts'
export { loadOrCreateToken } from './api/token.ts'
export { stateOf } from './api/views/nodeState.ts'
export {
  ANSWER_FORMAT,
  type AnswerFile,
  faultsOf,
  MAX_ANSWER_FILE_BYTES,
  parseAnswerFile,
} from './asking/answerFile.ts'
export { type AnswerVerdict, judgeAnswer, type Rerun } from './asking/checkAnswer.ts'
export type { AskEvent, Question } from './asking/events.ts'
export { modeOfDataset } from './asking/mode.ts'
export { type AskOptions, optionsOf, seedOfText } from './asking/sampling.ts'
export { Chain, type CommittedBlock, type IncomingBlock, type Tip } from './chain/chain.ts'
export { AnswerBench } from './compute/answerBench.ts'
export type { AnswerJob, AnswerModel, AnswerModelIds, Generated } from './compute/answering.ts'
export type { Compute, ComputeUsage, Prediction } from './compute/compute.ts'
export { InlineCompute, type JobDurations } from './compute/inline.ts'
export { Workbench } from './compute/workbench.ts'
export { WorkerCompute } from './compute/workers.ts'
export { type ConsensusMessage, consensusMessageCodec, logRecordCodec } from './consensus/messages.ts'
export { type Checkpoint, type Founding, type FoundingTask, foundNetwork } from './founding/found.ts'
export type { Activity, ActivityKind } from './journal.ts'
export { batchCodec as transactionBatchCodec } from './mempool/batch.ts'
export { HydraNode, type NodeOptions } from './node.ts'
export { type Logger, type NodePorts, silentLogger } from './ports.ts'
export { DataFolder } from './process/dataFolder.ts'
export { type FoundNetwork, fetchGenesis } from './process/fetchGenesis.ts'
export { isLoopback, type RunningNode, type StartOptions, startNode } from './process/startNode.ts'
export { systemClock } from './process/systemClock.ts'
export { GENESIS_PROTOCOL, MAX_GENESIS_BYTES } from './sync/exchange.ts'
export type { SyncMode, TrustedPoint } from './sync/options.ts'
export { SignatureWorkers } from './sync/signatures/workers.ts'
