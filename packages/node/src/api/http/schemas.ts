import type { Outcome, Phase } from '@hydraai/ledger'
import { z } from 'zod'

/**
 * The shapes of the API, once: requests are parsed with them, handlers are typed by them and the OpenAPI document is
 * generated from them. Amounts are decimal text in HYDRA, times ms since the epoch, hashes lower-case hex.
 */

const PHASES = ['work', 'reveal', 'base', 'verify', 'disclose', 'aggregate'] as const satisfies readonly Phase[]
const OUTCOMES = ['pending', 'accepted', 'refuted', 'expired', 'disputed'] as const satisfies readonly Outcome[]

export const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,6})?$/)
  .describe('HYDRA as decimal text, such as 45.5')
export const signed = z
  .string()
  .regex(/^[+-]?\d+(\.\d{1,6})?$/)
  .describe('HYDRA as decimal text with its sign')
export const hash = z.string().regex(/^[0-9a-f]{64}$/)
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/)
const count = z.int().min(0)
const time = z.int().describe('Milliseconds since the epoch')
const loss = z.number().nullable().describe('Mean loss; null when it is no number')

export const errorAnswer = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), advice: z.string().optional() }),
})

export const status = z.strictObject({
  node: z.strictObject({
    name: z.string(),
    address,
    peerId: z.string(),
    version: z.string(),
    engine: hash,
    uptimeMs: count,
  }),
  chain: z.strictObject({
    id: z.string(),
    genesis: hash,
    height: count,
    blockHash: hash,
    time,
    blockIntervalMs: count,
    synced: z.boolean(),
    syncTarget: count.nullable(),
    lowest: count.describe('The first block that this node still holds, from which on it holds all'),
    epoch: count.describe('Of the next block'),
  }),
  state: z.enum(['starting', 'syncing', 'training', 'verifying', 'waiting', 'paused']),
  reason: z.string().describe('Why it is in this state, as a sentence'),
  paused: z.boolean(),
  peers: count,
  earned: z.strictObject({ total: amount, lastHour: amount }),
  supply: z.strictObject({ total: amount, minted: amount, burnt: amount }),
  waiting: z
    .strictObject({ transactions: count, highestTip: amount })
    .describe('Transactions that wait for a block, and the highest tip among them'),
  validators: z.strictObject({ total: count, self: z.boolean() }),
})
export type StatusAnswer = z.infer<typeof status>

export const peers = z.strictObject({
  peers: z.array(
    z.strictObject({
      peerId: z.string(),
      name: z.string().nullable(),
      address: z.string().describe('Multiaddr of its end of the connection'),
      account: address.nullable(),
      direction: z.enum(['inbound', 'outbound']),
      latencyMs: z.number().nullable(),
      connectedAt: time,
      height: count.nullable(),
      reputation: count.nullable(),
      activity: z.enum(['training', 'verifying', 'synced', 'syncing']).nullable(),
    }),
  ),
})
export type PeersAnswer = z.infer<typeof peers>

export const event = z.strictObject({
  type: z.string(),
  text: z.string(),
  account: address.nullable(),
  accountName: z.string().nullable(),
  amount: amount.nullable(),
  transaction: hash.nullable(),
  model: z.string().nullable().describe('The model that it concerns'),
})
export type EventRow = z.infer<typeof event>

const blockModel = z.strictObject({ id: z.string(), version: count, parameters: hash })
const blockFields = {
  height: count,
  hash,
  time,
  proposer: address,
  proposerName: z.string(),
  events: z.array(event),
  models: z.array(blockModel),
}
export const blockRow = z.strictObject({
  ...blockFields,
  transactions: count.describe('How many it holds'),
  eventsLeftOut: count.describe('Events of the block that this row leaves out; the block itself has them all'),
})
export type BlockRow = z.infer<typeof blockRow>
export const blocks = z.strictObject({
  blocks: z.array(blockRow),
  lowest: count.describe('The first block that this node still holds; older ones are with archive nodes'),
})

export const block = z.strictObject({
  ...blockFields,
  header: z.record(z.string(), z.unknown()),
  commit: z.strictObject({ round: count, precommits: count }),
  transactions: z.array(
    z.strictObject({ id: hash, sender: address, senderName: z.string(), nonce: count, type: z.string() }),
  ),
})
export type BlockAnswer = z.infer<typeof block>

export const transaction = z.strictObject({
  id: hash,
  height: count.nullable(),
  status: z.enum(['committed', 'pending']),
  sender: address,
  senderName: z.string(),
  nonce: count,
  tip: amount.describe('What the sender pays to the proposer of its block'),
  action: z.looseObject({ type: z.string() }),
  events: z.array(event).describe('What it did in its own block'),
})
export type TransactionAnswer = z.infer<typeof transaction>

const unbonding = z.strictObject({
  amount,
  releaseAt: count.describe('The block at whose start it is free'),
  releaseTime: time.describe('When that is about to be'),
})

export const account = z.strictObject({
  address,
  name: z.string(),
  balance: amount,
  stake: amount,
  unbonding: z
    .array(unbonding)
    .describe('Taken back from the stake, and bound until it could no longer be lost to evidence'),
  restsUntil: count.describe('The last epoch in which it is drawn only for seats that others leave; 0: none'),
  slashed: z.boolean(),
  votes: z.boolean().describe('Whether it is in the committee that decides the next block'),
  feeCredit: amount,
  nonce: count,
  reputation: count,
  registered: z.boolean(),
  unitsVerified: count,
  verdictsGiven: count,
  earned: amount.describe(
    'Rewards for units, verdicts, replays, blocks and precommits, bounties and tips since genesis',
  ),
  totals: z
    .strictObject({
      genesisStake: amount,
      units: amount,
      verdicts: amount,
      replays: amount,
      bounties: amount,
      blocks: amount,
      precommits: amount,
      received: amount,
      sent: amount,
      fees: amount,
      tips: amount,
      slashed: amount,
      opening: signed.describe('What it owned before the block named by `since`; 0 when that is genesis'),
    })
    .describe('opening + genesisStake + earned + received - sent - fees - slashed = balance + stake + unbonding'),
  since: count.describe('The block since which the totals are known; 0 for genesis'),
  lowest: count.describe('The first block that this node still holds: older entries cannot be told one by one'),
  height: count.describe('The block as of which all of this stands'),
  complete: z.boolean().describe('False while the history is still being read from the stored blocks'),
  entries: z.array(
    z.strictObject({ height: count, time, type: z.string(), amount, transaction: hash.nullable(), text: z.string() }),
  ),
  entriesBefore: count.nullable().describe('`before` for the next older entries; null when there are none'),
})
export type AccountAnswer = z.infer<typeof account>

const evaluation = z.strictObject({ accuracy: z.number(), correct: count, total: count, loss })
const modelFields = {
  id: z.string(),
  version: count,
  round: count,
  phase: z.enum(PHASES),
  phaseEndsAt: count,
  updates: count.describe('Units committed in this round'),
  settling: z
    .strictObject({ round: count, phase: z.enum(PHASES), phaseEndsAt: count, updates: count })
    .nullable()
    .describe('The round before, while it is verified; the next one is at work meanwhile'),
  parameters: hash,
  parameterCount: count,
  evaluation,
  kind: z
    .enum(['images', 'table', 'text'])
    .nullable()
    .describe('What it learns from; null while this node does not hold its document'),
  tokenizer: hash.nullable(),
  lineage: hash.nullable().describe('The file that says how the parameters it began with were made'),
  owner: address.nullable().describe('Who published it; null for a model of genesis'),
  ownerName: z.string().nullable(),
  registeredAt: count.describe('Height of the block that published it; 0 for a model of genesis'),
  reward: amount.describe('What an accepted unit of it earns: less than the full reward when it is less work'),
}
export const modelRow = z.strictObject(modelFields)
export type ModelRow = z.infer<typeof modelRow>
export const models = z.strictObject({ models: z.array(modelRow) })

export const model = z.strictObject({
  ...modelFields,
  document: z.record(z.string(), z.unknown()).nullable().describe('Its layers; null while not fetched yet'),
  documentId: hash,
  data: hash,
  recipe: z.record(z.string(), z.unknown()),
  history: z.array(
    z.strictObject({ version: count, round: count, height: count, time, accuracy: z.number(), loss, updates: count }),
  ),
})
export type ModelAnswer = z.infer<typeof model>

const unitFields = { model: z.string(), round: count, trainer: address, trainerName: z.string(), unit: count }
const updateFields = {
  ...unitFields,
  reputation: count.describe('Of the trainer, now'),
  label: z.string(),
  phase: z.enum(PHASES).nullable().describe('Of its round; null once that is over'),
  outcome: z.enum(OUTCOMES),
  revealed: z.boolean(),
  sealed: z.boolean().describe('The trainer has not opened its claims: nobody else knows the losses'),
  lossBefore: loss,
  lossAfter: loss,
  planted: z
    .boolean()
    .describe('A false loss was sealed on purpose, as the lottery of the chain said; this is the true one'),
  bytes: count.nullable().describe('Of the payload; null before it is revealed'),
  bitsPerParameter: z.number().nullable(),
  audit: z
    .strictObject({
      auditors: count,
      segments: count.describe('Most that one of them replays'),
      of: count.describe('Segments of a unit'),
    })
    .nullable()
    .describe('Null when nobody was drawn to replay it'),
  verdicts: z.array(
    z.strictObject({
      verifier: address,
      verifierName: z.string(),
      segments: count.describe('To be replayed; 0 for a light check'),
      judgement: z
        .enum(['waiting', 'sealed', 'open', 'stood', 'wrong', 'silent'])
        .describe('Not in yet; in, and secret; told, and not decided on; right; proven wrong; never given'),
    }),
  ),
  reward: amount.describe('What it brought its trainer'),
  slashed: amount.describe('What it cost its trainer'),
  transaction: hash.describe('That committed it'),
  height: count.nullable().describe('Block that decided on it; null before'),
  time: time.nullable(),
}
export const updateRow = z.strictObject(updateFields)
export type UpdateRow = z.infer<typeof updateRow>
const pageBefore = z.string().nullable().describe('`before` for the next older ones; null when there are none')
export const updates = z.strictObject({ updates: z.array(updateRow), before: pageBefore })
export type UpdatesAnswer = z.infer<typeof updates>

export const disputeRow = z.strictObject({
  ...unitFields,
  label: z.string(),
  openedAt: count.describe('Block in which it began'),
  until: count.nullable().describe('The last block in which the question can be answered; null once it is over'),
  open: z.boolean(),
  question: z.string().nullable().describe('What is to be answered now, and by whom'),
  outcome: z.enum(OUTCOMES).nullable().describe('Of the update, once the dispute is over'),
})
export type DisputeRow = z.infer<typeof disputeRow>
export const disputes = z.strictObject({ open: count, disputes: z.array(disputeRow), before: pageBefore })
export type DisputesAnswer = z.infer<typeof disputes>

const knownHash = hash.nullable()
export const update = z.strictObject({
  ...updateFields,
  commitment: knownHash,
  seal: knownHash,
  base: knownHash.describe('Parameters that its round began from'),
  payload: knownHash,
  traceRoot: knownHash,
  residualBefore: knownHash.describe('What the trainer’s update before it left out'),
  residual: knownHash.describe('What it leaves out itself'),
  dispute: disputeRow.nullable(),
  course: z
    .array(
      z.strictObject({
        height: count,
        time,
        type: z.string(),
        text: z.string(),
        amount: amount.nullable(),
        transaction: hash.nullable(),
      }),
    )
    .describe('Every line of the ledger about it, oldest first'),
  complete: z.boolean().describe('False when this node does not hold all of the blocks that tell of it'),
})
export type UpdateAnswer = z.infer<typeof update>

export const samples = z.strictObject({
  version: count,
  shape: z.array(count).describe('Of one image: channels, height, width'),
  classNames: z.array(z.string()).describe('What label 0, 1 and so on are called'),
  samples: z.array(
    z.strictObject({
      index: count,
      pixels: z.base64().describe('A byte a value, in the order of the shape'),
      label: count,
      predicted: count,
      confidence: z.array(z.number()),
    }),
  ),
})
export type SamplesAnswer = z.infer<typeof samples>

export const training = z.strictObject({
  current: z
    .strictObject({
      model: z.string(),
      round: count,
      unit: count,
      label: z.string(),
      step: count,
      steps: count,
      loss: z.number().nullable(),
    })
    .nullable(),
  unitsCompleted: count,
  earned: amount.describe('For accepted training units, since genesis'),
  losses: z.array(z.strictObject({ model: z.string(), at: time, loss: z.number() })),
  only: z.string().nullable().describe('The one model that this node trains; null for all'),
  verifying: z
    .strictObject({
      model: z.string(),
      round: count,
      trainer: address,
      trainerName: z.string(),
      unit: count,
      label: z.string(),
      step: count,
      steps: count,
    })
    .nullable(),
  trainingShare: z
    .number()
    .nullable()
    .describe('Of the time in which it could have trained since its start, the part in which it did'),
  cpu: z.strictObject({
    trainingMs: z.number(),
    checkingMs: z.number().describe('Light checks of the units of others'),
    replayingMs: z.number().describe('Checks that ran a part of the unit again'),
    otherMs: z.number(),
  }),
})
export type TrainingAnswer = z.infer<typeof training>

export const logEntry = z.strictObject({
  at: time,
  kind: z.enum(['INFO', 'TRAIN', 'PROPOSAL', 'VOTE', 'SUCCESS', 'BLOCK', 'WARN']),
  text: z.string(),
})
export const log = z.strictObject({ entries: z.array(logEntry) })

export const wallet = z.strictObject({
  address,
  balance: amount,
  pending: signed.describe('Earned, received or sent, and not in a block yet; not final'),
  stake: amount,
  unbonding: amount.describe('Taken back from the stake, and not free yet'),
  feeCredit: amount,
  nonce: count,
})
export type WalletAnswer = z.infer<typeof wallet>

const canonical = z.string().regex(/^([0-9a-f]{2})*$/)
export const light = z.strictObject({
  height: count,
  hash,
  header: z.record(z.string(), z.unknown()),
  lightBlock: canonical.describe('Canonical encoding, in hex, of header, commit, committee and next committee'),
})
export type LightAnswer = z.infer<typeof light>
const proven = {
  height: count,
  hash: hash.describe('Of the block whose header the proof leads to'),
  header: canonical.describe('Canonical encoding of that header, in hex'),
  proof: canonical.describe('Canonical encoding of the proof, in hex'),
}
export const accountProof = z.strictObject({
  ...proven,
  address,
  account: z.record(z.string(), z.unknown()).nullable().describe('Null: the chain does not know the address'),
})
export type AccountProofAnswer = z.infer<typeof accountProof>
export const eventProof = z.strictObject({ ...proven, index: count, event })
export type EventProofAnswer = z.infer<typeof eventProof>

const staker = {
  address,
  name: z.string(),
  self: z.boolean(),
  stake: amount,
  reputation: count,
  restsUntil: count.describe('The last epoch in which it is drawn only for seats that others leave; 0: none'),
  why: z.string().describe('How it stands in the next draw'),
}
export const committee = z.strictObject({
  height: count,
  blockHash: hash,
  epoch: count.describe('Of the next block'),
  epochBlocks: count,
  nextDraw: count.describe('The block at whose end the next committee is drawn'),
  nextDrawTime: time,
  nextDrawInMs: count,
  size: count.describe('Most that are drawn'),
  minimumStake: amount,
  unbondingMs: count.describe('How long a stake that is taken back stays bound'),
  staked: count.describe('Accounts with a stake'),
  totalPower: count,
  members: z.array(
    z.strictObject({ ...staker, power: count, share: z.number().describe('Of the whole power, 0 to 1') }),
  ),
  others: z.array(z.strictObject(staker)).describe('Those with a stake that do not vote now, largest first'),
  othersLeftOut: count,
  self: z.strictObject({ member: z.boolean(), why: z.string() }),
})
export type CommitteeAnswer = z.infer<typeof committee>

export const accepted = z.strictObject({ transaction: hash })
export const stored = z.strictObject({ hash })
export const onlyAnswer = z.strictObject({ only: z.string().nullable() })
export const pausedAnswer = z.strictObject({ paused: z.boolean() })

const whole = z.int().min(0)
/** As it stands on the chain, which checks the bounds of each field. */
const recipe = z.strictObject({
  batchSize: whole,
  stepsPerUnit: whole,
  traceEvery: whole,
  probeSamples: whole,
  maxUnitsPerRound: whole,
  inner: z.strictObject({
    learningRatePpm: whole,
    beta1Ppm: whole,
    beta2Ppm: whole,
    epsilonPpb: whole,
    weightDecayPpm: whole,
    warmUpSteps: whole,
    floorPpm: whole,
    clipNormPpm: whole,
  }),
  outer: z.strictObject({ learningRatePpm: whole, momentumPpm: whole }),
  compression: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('int8') }),
    z.strictObject({ type: z.literal('sparse'), keepPpm: whole, decayPpm: whole }),
  ]),
  aggregation: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('clipped-mean') }),
    z.strictObject({ type: z.literal('trimmed-mean'), trimPpm: whole }),
    z.strictObject({ type: z.literal('centred-clipping'), iterations: whole, radiusPpm: whole }),
    z.strictObject({ type: z.literal('multi-krum'), byzantinePpm: whole }),
  ]),
})

/** What may come in. */
export const requests = {
  blocks: z.strictObject({
    before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  account: z.strictObject({
    before: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Blocks whose entries are given'),
  }),
  updates: z.strictObject({
    before: z
      .string()
      .regex(/^[0-9a-zA-Z/-]{1,160}$/, 'give what an earlier page said')
      .optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  updateId: z.strictObject({
    id: z.string().regex(/^[a-z0-9-]{1,32}$/, 'a model id has lower-case letters, digits, -'),
    round: z.string().regex(/^\d{1,15}$/, 'give the number of a round'),
    trainer: z.string().max(64),
    unit: z.string().regex(/^\d{1,5}$/, 'give the number of a unit'),
  }),
  log: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
  nothing: z.strictObject({}),
  blockId: z.strictObject({
    heightOrHash: z.string().regex(/^(\d{1,15}|[0-9a-f]{64})$/, 'give a height or a hash of 64 hex digits'),
  }),
  transactionId: z.strictObject({ id: hash }),
  address: z.strictObject({ address: z.string().max(64) }),
  height: z.strictObject({ height: z.string().regex(/^\d{1,15}$/, 'give a height') }),
  event: z.strictObject({
    height: z.string().regex(/^\d{1,15}$/, 'give a height'),
    index: z.string().regex(/^\d{1,7}$/, 'give the place of the event in its block, from 0'),
  }),
  modelId: z.strictObject({
    id: z.string().regex(/^[a-z0-9-]{1,32}$/, 'a model id has lower-case letters, digits, -'),
  }),
  send: z.strictObject({
    to: z.string().max(64),
    amount: z.string().max(32),
    memo: z.string().max(64).default(''),
    tip: z.string().max(32).default('0'),
  }),
  stake: z.strictObject({ amount: z.string().max(32) }),
  contentId: z.strictObject({ hash }),
  publish: z.strictObject({
    id: z.string().max(32),
    document: z.base64().max(24_000).describe('Canonical encoding of the model document'),
    data: hash,
    tokenizer: hash.nullable(),
    recipe,
  }),
  only: z.strictObject({ model: z.string().max(32).nullable() }),
}
