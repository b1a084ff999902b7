import { formatAmount, segmentsOf } from '@hydraai/core'
import {
  accountOf,
  type Model,
  type SignedTransaction,
  transactionId,
  type Update,
  type UpdateRef,
} from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import { unitLabel } from '../../training/labels.ts'
import type { BlockReader, StoredBlock } from '../history/blocks.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import { standingIn, type UpdateEvent, type UpdateRecord, updateOf } from '../history/updateRecord.ts'
import type { UpdateAnswer, UpdateRow, UpdatesAnswer } from '../http/schemas.ts'
import { disputeRow } from './disputes.ts'
import { eventRow } from './events.ts'
import { lossOf } from './words.ts'

type Shown = Pick<
  UpdateRow,
  'audit' | 'verdicts' | 'lossBefore' | 'lossAfter' | 'sealed' | 'planted' | 'bytes' | 'reward'
>

/** Updates of a model, those under way included, newest round first. Undefined for an id that the chain does not know. */
export async function updatesAnswer(
  node: HydraNode,
  index: LedgerIndex,
  id: string,
  page: { before?: string | undefined; limit: number },
): Promise<UpdatesAnswer | undefined> {
  const model = node.state.models.get(id)
  if (!model) return undefined
  const { found, before } = await index.updates.updates(id, page.limit, page.before)
  return { updates: found.flatMap(record => updateRow(node, model, record) ?? []), before }
}

/** One update with everything that the ledger says of it. Undefined for one that this node has never heard of. */
export async function updateAnswer(
  parts: { node: HydraNode; index: LedgerIndex; blocks: BlockReader },
  ref: UpdateRef,
): Promise<UpdateAnswer | undefined> {
  const { node, index, blocks } = parts
  const model = node.state.models.get(ref.model)
  const record = await index.updates.update(ref)
  const row = model && record && updateRow(node, model, record)
  if (!row) return undefined
  const stored = await blocks.many(record.heights)
  return {
    ...row,
    ...hashesOf(node, record, row.transaction, stored),
    dispute: record.disputedAt === null ? null : disputeRow(node, record),
    course: stored.flatMap(block => courseIn(node, block, ref)),
    complete: stored.length === record.heights.length,
  }
}

/** Null for an update that is neither under way nor was ever decided on, such as those of a model that was dropped. */
function updateRow(node: HydraNode, model: Model, record: UpdateRecord): UpdateRow | null {
  const { trainer, round, unit, decided, slashed } = record
  const standing = standingIn(node.state, record)
  if (!decided && !standing) return null
  return {
    model: model.id,
    round,
    trainer,
    trainerName: node.nameOf(trainer),
    reputation: accountOf(node.state, trainer).reputation,
    unit,
    label: labelOf(node, record),
    phase: standing?.phase ?? null,
    outcome: decided?.event.outcome ?? standing!.update.outcome,
    revealed: standing ? standing.update.reveal !== null : decided!.event.bytes > 0,
    ...withBits(decided ? ofEvent(node, decided.event) : ofState(node, standing!.update, model), model),
    slashed: formatAmount(slashed),
    transaction: decided?.event.transaction ?? standing!.update.transaction,
    height: decided?.height ?? null,
    time: decided?.time ?? null,
  }
}

/** What a person calls it. Without its round's beacon its number is not known, only its place. */
export function labelOf(node: HydraNode, { model, round, trainer, unit, setting }: UpdateRecord): string {
  const known = node.state.models.get(model)
  const beacon = setting?.beacon ?? standingIn(node.state, { model, round, trainer, unit })?.beacon
  if (!known || beacon === undefined) return `Unit ${unit} of round ${round}`
  return unitLabel({ beacon, model, round, unit, trainer }, node.kinds.of(known))
}

function ofEvent(node: HydraNode, event: UpdateEvent): Shown {
  const { lossBefore, lossAfter, planted, bytes, audit, verdicts, reward } = event
  return {
    sealed: lossBefore === null,
    lossBefore: lossBefore === null ? null : lossOf(lossBefore),
    lossAfter: lossAfter === null ? null : lossOf(lossAfter),
    planted,
    bytes: bytes === 0 ? null : bytes,
    audit: audit && { ...audit },
    verdicts: verdicts.map(({ verifier, segments, judgement }) => ({
      verifier,
      verifierName: node.nameOf(verifier),
      segments,
      judgement,
    })),
    reward: formatAmount(reward),
  }
}

function ofState(node: HydraNode, update: Update, { recipe }: Model): Shown {
  const { claims, reveal, verifiers, verdicts } = update
  const auditors = verifiers.filter(({ segments }) => segments > 0)
  return {
    sealed: claims === null,
    lossBefore: claims && lossOf(claims.lossBefore),
    lossAfter: claims && lossOf(claims.lossAfter),
    planted: claims?.planted ?? false,
    bytes: reveal?.payloadBytes ?? null,
    audit:
      auditors.length === 0
        ? null
        : {
            auditors: auditors.length,
            segments: Math.max(...auditors.map(({ segments }) => segments)),
            of: segmentsOf(recipe),
          },
    verdicts: verifiers.map(({ address, segments }) => {
      const given = verdicts.find(({ verifier }) => verifier === address)
      const judgement = given === undefined ? 'waiting' : given.findings === null ? 'sealed' : 'open'
      return { verifier: address, verifierName: node.nameOf(address), segments, judgement }
    }),
    reward: '0',
  }
}

function withBits(shown: Shown, { parameterCount }: Model): Shown & Pick<UpdateRow, 'bitsPerParameter'> {
  const { bytes } = shown
  return { ...shown, bitsPerParameter: bytes === null ? null : (bytes * 8) / parameterCount }
}

type Hashes = Pick<
  UpdateAnswer,
  'commitment' | 'seal' | 'base' | 'payload' | 'traceRoot' | 'residualBefore' | 'residual'
>

/** From the state while it has them; afterwards from the transactions in the blocks that this node still holds. */
function hashesOf(node: HydraNode, record: UpdateRecord, commitId: string, stored: readonly StoredBlock[]): Hashes {
  const standing = standingIn(node.state, record)
  const transactions = stored.flatMap(({ block }) => block.transactions)
  const commit = standing?.update ?? commitIn(transactions, commitId)
  const reveal = standing ? standing.update.reveal : revealIn(stored, record)
  return {
    commitment: commit?.commitment ?? null,
    seal: commit?.seal ?? null,
    base: standing?.base ?? record.setting?.base ?? null,
    payload: reveal?.payload ?? null,
    traceRoot: reveal?.traceRoot ?? null,
    residualBefore: standing?.update.residualBefore ?? record.setting?.residualBefore ?? null,
    residual: reveal?.residual ?? null,
  }
}

function commitIn(transactions: readonly SignedTransaction[], id: string) {
  for (const transaction of transactions) {
    const { action } = transaction
    if (action.type === 'commit' && transactionId(transaction) === id) return action
  }
  return null
}

/** The reveal that its block took: one that was refused made no event. */
function revealIn(stored: readonly StoredBlock[], ref: UpdateRef) {
  for (const { block, events } of stored) {
    const event = events.find(one => one.type === 'reveal' && isOf(one, ref))
    if (event?.type !== 'reveal') continue
    for (const transaction of block.transactions) {
      const { action } = transaction
      if (
        action.type === 'reveal' &&
        action.payload === event.payload &&
        transactionId(transaction) === event.transaction
      )
        return action
    }
  }
  return null
}

function courseIn(node: HydraNode, { block, events }: StoredBlock, ref: UpdateRef): UpdateAnswer['course'] {
  const { height, time } = block.header
  return events
    .filter(event => isOf(event, ref))
    .map(event => {
      const { type, text, amount, transaction } = eventRow(event, who => node.nameOf(who))
      return { height, time, type, text, amount, transaction }
    })
}

function isOf(event: StoredBlock['events'][number], ref: UpdateRef): boolean {
  const named = updateOf(event)
  if (named === null) return false
  return (
    named.model === ref.model && named.round === ref.round && named.trainer === ref.trainer && named.unit === ref.unit
  )
}
