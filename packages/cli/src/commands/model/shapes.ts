/** What these commands read of the node's answers. */
import { type Hash, HydraError, isHash } from '@hydraai/core'
import { z } from 'zod'
import type { NodeClient } from '../../running/nodeClient.ts'

const hash = z.string().refine((text): text is Hash => isHash(text))

const rowSchema = z.object({
  id: z.string(),
  version: z.number(),
  round: z.number(),
  phase: z.string(),
  settling: z.object({ round: z.number(), phase: z.string() }).nullable(),
  parameters: hash,
  parameterCount: z.number(),
  evaluation: z.object({ accuracy: z.number(), loss: z.number().nullable(), correct: z.number(), total: z.number() }),
  kind: z.enum(['images', 'table', 'text']).nullable(),
  tokenizer: hash.nullable(),
  owner: z.string().nullable(),
  ownerName: z.string().nullable(),
  registeredAt: z.number(),
})

export const modelsSchema = z.object({ models: z.array(rowSchema) })
export const modelSchema = rowSchema.extend({
  document: z.record(z.string(), z.unknown()).nullable(),
  documentId: hash,
  data: hash,
  recipe: z.record(z.string(), z.unknown()),
  history: z.array(
    z.object({ version: z.number(), height: z.number(), accuracy: z.number(), loss: z.number().nullable() }),
  ),
})
export const statusSchema = z.object({ chain: z.object({ id: z.string(), height: z.number() }) })
export const walletSchema = z.object({ address: z.string(), balance: z.string() })
export const acceptedSchema = z.object({ transaction: z.string() })
export const onlySchema = z.object({ only: z.string().nullable() })

export type ModelRow = z.infer<typeof rowSchema>
export type ModelDetails = z.infer<typeof modelSchema>

/** @throws HydraError MODEL_UNKNOWN with the names that there are */
export async function modelNamed(client: NodeClient, name: string): Promise<ModelDetails> {
  const found = await client.find(`/api/models/${encodeURIComponent(name)}`, modelSchema)
  if (found !== undefined) return found
  const { models } = await client.get('/api/models', modelsSchema)
  throw new HydraError('MODEL_UNKNOWN', `The network has no model "${name}".`, {
    advice: `It has ${models.map(({ id }) => id).join(', ') || 'none'}.`,
  })
}

/** Between its registration and its first evaluation by the validators. */
export function isFounded({ evaluation }: Pick<ModelRow, 'evaluation'>): boolean {
  return evaluation.total > 0
}
