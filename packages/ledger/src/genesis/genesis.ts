import {
  addressOf,
  type Codec,
  type Evaluation,
  encode,
  evaluationCodec,
  type Hash,
  hash,
  isFiniteFloat32Bits,
  list,
  literal,
  type Micro,
  micro,
  nullable,
  type PublicKey,
  publicKey,
  type Recipe,
  recipeCodec,
  struct,
  taggedHash,
  text,
  uint,
  uintRange,
} from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { isName } from '../transactions/register.ts'
import { isModelId, modelIdField } from './modelId.ts'
import {
  type ChainParameters,
  MAX_FOUNDERS,
  MAX_MODELS,
  MAX_PARAMETER_AMOUNT,
  MAX_PARAMETER_COUNT,
  MAX_STAKE_CAP,
  parametersCodec,
  STAKE_PER_POWER,
} from './parameters.ts'

/** All that a chain starts from. Whoever has the same genesis hash is on the same chain. */
export interface Genesis {
  readonly format: 'hydra-genesis/1'
  /** `hydra-` and 8 hex digits. */
  readonly chainId: string
  /** Ms since the epoch. */
  readonly time: number
  /** SHA-256 of the engine on which every number of this chain is computed. */
  readonly engine: Hash
  readonly parameters: ChainParameters
  readonly validators: readonly GenesisValidator[]
  readonly models: readonly GenesisModel[]
}

export interface GenesisValidator {
  readonly name: string
  readonly publicKey: PublicKey
  readonly stake: Micro
}

export interface GenesisModel {
  /** Lower-case letters, digits and `-`, at most 32. */
  readonly id: string
  readonly document: Hash
  readonly data: Hash
  /** Content id of the tokenizer, for a model of texts. */
  readonly tokenizer: Hash | null
  readonly parameters: Hash
  readonly momentum: Hash
  readonly parameterCount: number
  /** Aggregations behind the parameters it begins with; 0 for parameters that nobody has trained. */
  readonly version: number
  /** Content id of the file that says how those parameters came about and can be made again. */
  readonly lineage: Hash | null
  readonly recipe: Recipe
  readonly evaluation: Evaluation
}

export const genesisCodec: Codec<Genesis> = struct({
  format: literal('hydra-genesis/1'),
  chainId: text({ maxBytes: 14 }),
  time: uint,
  engine: hash,
  parameters: parametersCodec,
  validators: list(struct({ name: text({ maxBytes: 32 }), publicKey, stake: micro }), { max: MAX_FOUNDERS }),
  models: list(
    struct({
      id: modelIdField,
      document: hash,
      data: hash,
      tokenizer: nullable(hash),
      parameters: hash,
      momentum: hash,
      parameterCount: uintRange(1, MAX_PARAMETER_COUNT),
      version: uint,
      lineage: nullable(hash),
      recipe: recipeCodec,
      evaluation: evaluationCodec,
    }),
    { max: MAX_MODELS },
  ),
})

/** The name of the chain that starts from this genesis; the parent of its first block. */
export function genesisHash(genesis: Genesis): Hash {
  return taggedHash('hydra/genesis/1', encode(genesisCodec, genesis))
}

/** Checks what the codec cannot: that the parts fit together. @throws LedgerError GENESIS_INVALID */
export function checkGenesis(genesis: Genesis): void {
  const { parameters, validators, models } = genesis
  encode(genesisCodec, genesis)
  if (!/^hydra-[0-9a-f]{8}$/.test(genesis.chainId)) refuse('the chain id must be "hydra-" and 8 hex digits')
  const { rewards, fees, penalties } = parameters
  const amounts = [parameters.feeCredit, parameters.minimumStake, parameters.verifierStakeCap]
  amounts.push(fees.update, fees.model, fees.query, fees.queryBurnt)
  amounts.push(rewards.unit, rewards.verdict, rewards.replay, rewards.block, rewards.precommit)
  amounts.push(penalties.unit, penalties.verdict)
  if (amounts.some(amount => amount > MAX_PARAMETER_AMOUNT)) refuse('an amount among the parameters is too large')
  if (fees.queryBurnt > fees.query) refuse('more is burnt of an answer than it costs')
  if (parameters.minimumStake < STAKE_PER_POWER) refuse('the minimum stake is too small to give any voting power')
  if (parameters.verifierStakeCap < parameters.minimumStake) refuse('the stake cap is below the minimum stake')
  if (parameters.verifierStakeCap > MAX_STAKE_CAP) refuse('the stake cap is too large')
  if (parameters.phases.workLimit < parameters.phases.work) refuse('the work phase is limited to less than its length')
  if (parameters.phases.disclose < 2) refuse('nobody can open the claims of a trainer that has vanished')
  if (parameters.dormantBlocks <= parameters.epochBlocks) refuse('stakers are taken for gone within an epoch')
  if (parameters.unbondingBlocks < parameters.evidenceBlocks + parameters.epochBlocks)
    refuse('a stake is released before evidence against its owner has expired')
  if (validators.length === 0) refuse('there is no validator')
  for (const { name, stake } of validators) {
    if (!isName(name)) refuse(`${JSON.stringify(name)} is not a name`)
    if (stake < parameters.minimumStake) refuse(`the stake of ${name} is below the minimum`)
  }
  if (new Set(validators.map(validator => addressOf(validator.publicKey))).size !== validators.length)
    refuse('two validators have the same key')
  if (validators.reduce((sum, validator) => sum + validator.stake, 0n) > MAX_PARAMETER_AMOUNT)
    refuse('the stakes add up to too much')
  if (new Set(models.map(model => model.id)).size !== models.length) refuse('two models have the same id')
  for (const { id, evaluation } of models) {
    if (!isModelId(id)) refuse(`${JSON.stringify(id)} is not a model id`)
    if (!isEvaluation(evaluation)) refuse(`the evaluation of ${id} makes no sense`)
  }
}

/** Whether an evaluation can be one: no more correct than there are, and a finite loss. */
export function isEvaluation(evaluation: Evaluation): boolean {
  return evaluation.correct <= evaluation.total && isFiniteFloat32Bits(evaluation.lossBits)
}

function refuse(problem: string): never {
  throw new LedgerError('GENESIS_INVALID', `the genesis is not valid: ${problem}`, {
    advice: 'Get the genesis file again from whoever founded the network.',
  })
}
