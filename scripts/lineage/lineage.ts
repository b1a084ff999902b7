import { readFile } from 'node:fs/promises'
import { type Evaluation, type Hash, HydraError, type Recipe } from '@hydraai/core'
import { z } from 'zod'

/**
 * How a checkpoint came to be: every accepted unit of every round, in order. A unit is a pure function of what stands here
 * and of the data, so whoever has this file can make the checkpoint again, byte for byte, from nothing.
 */
export interface Lineage {
  readonly format: 'hydra-lineage/1'
  readonly model: string
  /** SHA-256 of the engine on which it was computed. */
  readonly engine: Hash
  readonly document: Hash
  readonly tokenizer: Hash
  readonly data: Hash
  /** The parameters that the engine draws for the model's name, before the first round. */
  readonly initial: Hash
  /** Each goes on from the parameters of the one before, with momentum at rest. */
  readonly stages: readonly Stage[]
}

/** One chain's part of it. */
export interface Stage {
  readonly chain: string
  readonly genesis: Hash
  readonly recipe: Recipe
  readonly rounds: readonly LineageRound[]
}

/** A round that gave the model a version. */
export interface LineageRound {
  readonly round: number
  readonly beacon: Hash
  /** Accepted units as [trainer, unit], in the order of aggregation. */
  readonly updates: readonly (readonly [string, number])[]
  readonly parameters: Hash
  readonly evaluation: Evaluation
}

/** What a recipe that does not say it means: the first lineages were written before there was a choice. */
const IMPLIED: Pick<Recipe, 'compression' | 'aggregation'> = {
  compression: { type: 'int8' },
  aggregation: { type: 'clipped-mean' },
}

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)
const schema = z.strictObject({
  format: z.literal('hydra-lineage/1'),
  model: z.string(),
  engine: hash,
  document: hash,
  tokenizer: hash,
  data: hash,
  initial: hash,
  stages: z.array(
    z.strictObject({
      chain: z.string(),
      genesis: hash,
      recipe: z.record(z.string(), z.unknown()),
      rounds: z.array(
        z.strictObject({
          round: count,
          beacon: hash,
          updates: z.array(z.tuple([z.string(), count])).min(1),
          parameters: hash,
          evaluation: z.strictObject({ correct: count, total: count, lossBits: count }),
        }),
      ),
    }),
  ),
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads a lineage file. @throws HydraError LINEAGE_INVALID */
export async function readLineage(path: string): Promise<Lineage> {
  const parsed = schema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
  if (!parsed.success)
    throw new HydraError('LINEAGE_INVALID', `${path} is no lineage: ${z.prettifyError(parsed.error)}`)
  const lineage = parsed.data as unknown as Lineage
  const stages = lineage.stages.map(stage => ({ ...stage, recipe: { ...IMPLIED, ...stage.recipe } }))
  return { ...lineage, stages }
}
