import {
  bytes,
  contentIdOf,
  type Hash,
  HydraError,
  hash,
  nullable,
  type Recipe,
  recipeCodec,
  ZERO_HASH,
} from '@hydraai/core'
import { type ModelDocument, modelDocumentOfBytes, parameterCount } from '@hydraai/engine'
import { burn } from '../economics/money.ts'
import { LedgerError } from '../errors.ts'
import { isModelId, modelIdField } from '../genesis/modelId.ts'
import { MAX_MODELS } from '../genesis/parameters.ts'
import { unitOperations } from '../models/cost.ts'
import { FOUNDING_ROUND } from '../models/founding.ts'
import {
  MAX_DOCUMENT_BYTES,
  MAX_PUBLISHED_PARAMETERS,
  MAX_PUBLISHED_UNITS,
  MAX_UNIT_OPERATIONS,
} from '../models/limits.ts'
import { rewardPpmOf } from '../models/reward.ts'
import { enterPhase } from '../rounds/round.ts'
import type { TransactionContext } from './context.ts'

/** Brings a model of one's own to the chain, for everyone to train. Its data is fetched by hash from whoever has it. */
export interface Publish {
  readonly type: 'publish'
  readonly model: string
  /** Canonical encoding of the model document: it travels with the chain, so that nobody has to look for it. */
  readonly document: Uint8Array
  readonly data: Hash
  readonly tokenizer: Hash | null
  readonly recipe: Recipe
}

export const publishFields = {
  model: modelIdField,
  document: bytes({ max: MAX_DOCUMENT_BYTES }),
  data: hash,
  tokenizer: nullable(hash),
  recipe: recipeCodec,
}

export function applyPublish({ draft, sender, transaction }: TransactionContext, action: Publish): void {
  const { model: id, document, data, tokenizer, recipe } = action
  const { height, beacon, parameters } = draft.block
  if (!draft.account(sender).registered) throw new LedgerError('NOT_REGISTERED', `${sender} must register first`)
  if (!isModelId(id)) refuse(`${JSON.stringify(id)} is not a model id`, 'Use lower-case letters, digits and inner "-".')
  if (draft.models.get(id) !== undefined) {
    throw new LedgerError('MODEL_EXISTS', `there is a model ${id} on this chain already`, {
      advice: 'Choose another name.',
    })
  }
  if (draft.modelCount >= MAX_MODELS) {
    throw new LedgerError('MODELS_FULL', `the chain holds ${MAX_MODELS} models and takes no more`)
  }
  const { count, operations } = checkModel(document, recipe)
  burn(draft, sender, parameters.fees.model)
  const documentId = contentIdOf(document)
  draft.models.set(id, {
    id,
    document: documentId,
    data,
    tokenizer,
    parameters: ZERO_HASH,
    momentum: ZERO_HASH,
    parameterCount: count,
    version: 0,
    recipe,
    evaluation: { correct: 0, total: 0, lossBits: 0 },
    lineage: null,
    owner: sender,
    registeredAt: height,
    rewardPpm: rewardPpmOf(operations),
  })
  draft.events.push({ type: 'fee', transaction, account: sender, amount: parameters.fees.model, credit: 0n })
  const named = { model: id, document: documentId, data, tokenizer, parameterCount: count }
  draft.events.push({ type: 'publish', transaction, account: sender, ...named })
  enterPhase(draft, {
    model: id,
    number: FOUNDING_ROUND,
    openedAt: height,
    phase: 'aggregate',
    phaseEndsAt: height + parameters.phases.aggregate,
    beacon,
    base: ZERO_HASH,
    drawBeacon: null,
    heldOutLoss: 0,
    expected: [],
    updates: [],
  })
}

/** The parameters of a document that may be published with this recipe, and the work of its unit. */
function checkModel(encoded: Uint8Array, recipe: Recipe): { count: number; operations: number } {
  const document = documentOf(encoded)
  const count = parameterCount(document)
  if (count > MAX_PUBLISHED_PARAMETERS) {
    refuse(`${count} parameters are more than ${MAX_PUBLISHED_PARAMETERS}`, 'Make its layers smaller.')
  }
  if (recipe.maxUnitsPerRound > MAX_PUBLISHED_UNITS) {
    refuse(`${recipe.maxUnitsPerRound} units a round are more than ${MAX_PUBLISHED_UNITS}`, 'Allow fewer.')
  }
  const operations = unitOperations(document, recipe)
  if (!(operations <= MAX_UNIT_OPERATIONS)) {
    refuse('a unit of training would take too long', 'Use a smaller batch, fewer steps a unit or smaller layers.')
  }
  return { count, operations }
}

function documentOf(encoded: Uint8Array): ModelDocument {
  try {
    return modelDocumentOfBytes(encoded)
  } catch (cause) {
    if (!(cause instanceof HydraError)) throw cause
    throw new LedgerError('MODEL_REFUSED', `the document is not one of a model: ${cause.message}`, { cause })
  }
}

function refuse(problem: string, advice: string): never {
  throw new LedgerError('MODEL_REFUSED', problem, { advice })
}
