import {
  amount,
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  or,
  type Parsed,
  record,
  text,
  withRest,
} from './parse.ts'

/** What each route of the node's HTTP API answers. Times are milliseconds since the epoch, hashes are hex. */

export const nodeStates = ['starting', 'syncing', 'training', 'verifying', 'waiting', 'paused'] as const
export type NodeState = (typeof nodeStates)[number]

export const status = object({
  node: object({ name: text, address: text, peerId: text, version: text, engine: text, uptimeMs: number }),
  chain: object({
    id: text,
    genesis: text,
    height: number,
    blockHash: nullable(text),
    time: number,
    blockIntervalMs: number,
    synced: flag,
    syncTarget: nullable(number),
    /** The first block that the node still holds. */
    lowest: or(number, 1),
    epoch: nullable(number),
  }),
  state: oneOf(...nodeStates),
  reason: text,
  paused: flag,
  peers: number,
  earned: object({ total: amount, lastHour: nullable(amount) }),
  supply: object({ total: amount, minted: amount, burnt: amount }),
  waiting: nullable(object({ transactions: number, highestTip: amount })),
  validators: object({ total: number, self: flag }),
})
export type Status = Parsed<typeof status>

export const peer = object({
  peerId: text,
  name: nullable(text),
  address: text,
  account: nullable(text),
  direction: text,
  latencyMs: nullable(number),
  connectedAt: number,
  height: nullable(number),
  reputation: nullable(number),
  activity: nullable(text),
})
export type Peer = Parsed<typeof peer>
export const peers = object({ peers: list(peer) })

/** One line of a block: a reward, a transfer, a fee, a phase, a model version. */
export const ledgerEvent = object({
  type: text,
  text,
  account: nullable(text),
  accountName: nullable(text),
  amount: nullable(amount),
  transaction: nullable(text),
  model: nullable(text),
})
export type LedgerEvent = Parsed<typeof ledgerEvent>

const blockModel = object({ id: text, version: number, parameters: text })
export const blockRow = object({
  height: number,
  hash: text,
  time: number,
  proposer: nullable(text),
  proposerName: nullable(text),
  transactions: number,
  events: list(ledgerEvent),
  models: or(list(blockModel), []),
})
export type BlockRow = Parsed<typeof blockRow>
export const blocks = object({ blocks: list(blockRow), lowest: or(number, 1) })

export const block = object({
  height: number,
  hash: text,
  time: number,
  proposer: nullable(text),
  proposerName: nullable(text),
  events: or(list(ledgerEvent), []),
  models: or(list(blockModel), []),
  header: or(record, {}),
  commit: nullable(object({ round: number, precommits: number })),
  transactions: list(
    object({ id: text, sender: nullable(text), senderName: nullable(text), nonce: nullable(number), type: text }),
  ),
})
export type Block = Parsed<typeof block>

export const transaction = object({
  id: text,
  height: nullable(number),
  status: oneOf('committed', 'pending'),
  sender: nullable(text),
  nonce: nullable(number),
  tip: or(amount, '0'),
  action: withRest(object({ type: text })),
  events: or(list(ledgerEvent), []),
})
export type Transaction = Parsed<typeof transaction>

export const account = object({
  address: text,
  name: nullable(text),
  balance: amount,
  stake: amount,
  /** Taken back from the stake and not free yet, the soonest first. */
  unbonding: or(list(object({ amount, releaseAt: number, releaseTime: number })), []),
  /** The last epoch for which it is drawn only when seats are left over; 0 for none. */
  restsUntil: or(number, 0),
  slashed: or(flag, false),
  votes: or(flag, false),
  feeCredit: amount,
  nonce: number,
  reputation: nullable(number),
  registered: flag,
  unitsVerified: number,
  verdictsGiven: number,
  earned: amount,
  totals: nullable(
    object({
      genesisStake: amount,
      units: amount,
      verdicts: amount,
      replays: or(amount, '0'),
      bounties: or(amount, '0'),
      blocks: amount,
      precommits: amount,
      received: amount,
      sent: amount,
      fees: amount,
      tips: or(amount, '0'),
      slashed: amount,
      opening: or(amount, '0'),
    }),
  ),
  /** The block since which the node knows the totals; 0 for genesis. */
  since: or(number, 0),
  /** The first block that the node still holds. */
  lowest: or(number, 1),
  /** False while the node still reads the history. */
  complete: or(flag, true),
  /** `before` for the next older entries; null when there are none. */
  entriesBefore: nullable(number),
  entries: list(
    object({ height: number, time: nullable(number), type: text, amount, transaction: nullable(text), text }),
  ),
})
export type Account = Parsed<typeof account>

export const evaluation = object({ accuracy: number, correct: number, total: number, loss: nullable(number) })
export const modelRow = object({
  id: text,
  version: number,
  round: number,
  phase: text,
  phaseEndsAt: nullable(number),
  /** The round before, while it is being checked; null when nothing is. */
  settling: nullable(object({ round: number, phase: text, phaseEndsAt: nullable(number), updates: number })),
  /** Units committed in the round at work. */
  updates: or(number, 0),
  parameters: text,
  parameterCount: number,
  evaluation: nullable(evaluation),
  /** What it learns from; null while this node does not hold its document, or where it does not say. */
  kind: nullable(oneOf('images', 'table', 'text')),
  tokenizer: nullable(text),
  /** Who registered it; null for a model that the network began with. */
  owner: nullable(text),
  ownerName: nullable(text),
  registeredAt: or(number, 0),
})
export type ModelRow = Parsed<typeof modelRow>
export const models = object({ models: list(modelRow) })

export const modelHistory = object({
  /** Its layers; null while the node does not have them. */
  document: nullable(record),
  documentId: nullable(text),
  history: list(
    object({
      version: number,
      round: nullable(number),
      height: nullable(number),
      time: nullable(number),
      accuracy: number,
      loss: nullable(number),
      updates: nullable(number),
    }),
  ),
})
export type ModelHistory = Parsed<typeof modelHistory>
export type VersionPoint = ModelHistory['history'][number]

const verdict = object({
  verifier: text,
  verifierName: nullable(text),
  /** Segments of the trace that it replays; 0 for a light check. */
  segments: number,
  judgement: oneOf('waiting', 'sealed', 'open', 'stood', 'wrong', 'silent'),
})
const updateFields = {
  model: text,
  round: number,
  trainer: text,
  trainerName: nullable(text),
  reputation: nullable(number),
  unit: number,
  label: text,
  /** Of its round; null once that is over. */
  phase: nullable(text),
  outcome: oneOf('pending', 'accepted', 'refuted', 'expired', 'disputed'),
  revealed: flag,
  /** True until the trainer opens what it claims. */
  sealed: flag,
  lossBefore: nullable(number),
  lossAfter: nullable(number),
  planted: or(flag, false),
  bytes: nullable(number),
  bitsPerParameter: nullable(number),
  /** Null: no verifier was drawn to replay any of it. */
  audit: nullable(object({ auditors: number, segments: number, of: number })),
  verdicts: list(verdict),
  reward: amount,
  slashed: or(amount, '0'),
  transaction: text,
  /** When it was last decided on; null while that is to come. */
  height: nullable(number),
  time: nullable(number),
}
export const updateRow = object(updateFields)
export type UpdateRow = Parsed<typeof updateRow>
/** `before`: asks for the next older ones; null when there are none. */
export const updates = object({ updates: list(updateRow, 2_000), before: nullable(text) })
export type UpdatePage = Parsed<typeof updates>

export const dispute = object({
  model: text,
  round: number,
  trainer: text,
  trainerName: nullable(text),
  unit: number,
  label: text,
  openedAt: number,
  /** The block in which the question lapses; null once the dispute is over. */
  until: nullable(number),
  open: flag,
  /** What is to be answered now, and by whom. */
  question: nullable(text),
  outcome: nullable(text),
})
export type Dispute = Parsed<typeof dispute>

export const updateDetail = object({
  ...updateFields,
  commitment: nullable(text),
  seal: nullable(text),
  base: nullable(text),
  payload: nullable(text),
  traceRoot: nullable(text),
  residualBefore: nullable(text),
  residual: nullable(text),
  dispute: nullable(dispute),
  /** Every line of the ledger about it, oldest first. */
  course: list(
    object({ height: number, time: number, type: text, text, amount: nullable(amount), transaction: nullable(text) }),
  ),
  /** False when the node does not hold all of the blocks that tell of it. */
  complete: flag,
})
export type UpdateDetail = Parsed<typeof updateDetail>

export const samples = object({
  version: number,
  /** Of one image: channels, height, width; empty where the node does not say. */
  shape: or(list(number, 8), []),
  /** A name for each label; none where the labels are digits. */
  classNames: or(list(text, 1000), []),
  samples: list(
    object({ index: number, pixels: text, label: number, predicted: number, confidence: or(list(number, 1000), []) }),
    1000,
  ),
})
export type Samples = Parsed<typeof samples>
export type Sample = Samples['samples'][number]

export const training = object({
  current: nullable(
    object({
      model: text,
      round: number,
      unit: number,
      label: text,
      step: number,
      steps: number,
      loss: nullable(number),
    }),
  ),
  unitsCompleted: number,
  earned: amount,
  losses: or(list(object({ at: number, loss: number, model: nullable(text) })), []),
  /** The one model that this node trains; null when it trains all. */
  only: nullable(text),
  verifying: nullable(
    object({
      model: nullable(text),
      trainer: text,
      trainerName: nullable(text),
      unit: number,
      label: nullable(text),
      step: number,
      steps: number,
    }),
  ),
  /** Part of the time since its start in which this node trained, while there was something to train; null before. */
  trainingShare: nullable(number),
  cpu: or(object({ trainingMs: number, checkingMs: number, replayingMs: number }), {
    trainingMs: 0,
    checkingMs: 0,
    replayingMs: 0,
  }),
})
export type Training = Parsed<typeof training>
export type LossPoint = Training['losses'][number]

export const logEntry = object({ at: number, kind: text, text })
export type LogEntry = Parsed<typeof logEntry>
export const log = object({ entries: list(logEntry) })

export const wallet = object({
  address: text,
  balance: amount,
  pending: amount,
  stake: amount,
  feeCredit: amount,
  nonce: number,
})
export type Wallet = Parsed<typeof wallet>

const staker = {
  address: text,
  name: nullable(text),
  self: flag,
  stake: amount,
  reputation: number,
  restsUntil: number,
  /** How it stands in the next draw. */
  why: text,
}
export const committee = object({
  height: number,
  epoch: number,
  epochBlocks: number,
  nextDraw: number,
  nextDrawTime: number,
  size: number,
  minimumStake: amount,
  unbondingMs: number,
  staked: number,
  members: list(object({ ...staker, share: number })),
  others: list(object(staker)),
  othersLeftOut: number,
  self: object({ member: flag, why: text }),
})
export type Committee = Parsed<typeof committee>

export const accepted = object({ transaction: nullable(text) })
export const refusal = object({ error: object({ code: text, message: text, advice: nullable(text) }) })
