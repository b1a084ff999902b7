import { MAX_ANSWER_TOKENS, MAX_QUESTION_BYTES } from '@hydraai/ledger'
import { z } from 'zod'
import type { HydraNode } from '../../node.ts'
import { type Route, rawRoute, route } from '../http/route.ts'
import { amount, requests } from '../http/schemas.ts'

/** Where {@link serveAsking} answers. */
export const ASK_PATH = '/api/ask'

const count = z.int().min(0)

/** A question as the API takes it; the node checks the bounds again, in words for a person. */
export const askShape = z.strictObject({
  question: z
    .string()
    .min(1)
    .max(2 * MAX_QUESTION_BYTES),
  model: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'a model id has lower-case letters, digits, -')
    .optional()
    .describe('hydra-gpt, or the only model that can be asked, unless given'),
  mode: z.enum(['answer', 'continue']).optional().describe('What the model was trained for, unless given'),
  temperature: z.number().min(0).max(10).optional().describe('0, the likeliest words, unless given'),
  topK: z.int().min(0).max(65_536).optional().describe('0: all'),
  topP: z.number().min(0).max(1).optional(),
  seed: z.string().min(1).max(200).optional().describe('A hash, or any text that one is made of'),
  maxTokens: z.int().min(1).max(MAX_ANSWER_TOKENS).optional(),
})

const askable = z.strictObject({
  models: z.array(
    z.strictObject({
      model: z.string(),
      version: count,
      servers: count.describe('Peers that answer for it now'),
      price: amount,
    }),
  ),
})

export function askRoutes(node: HydraNode): Route[] {
  return [
    route('GET', '/api/ask/info', {
      summary: 'The models that can be asked, and how many peers answer for each',
      query: requests.nothing,
      answer: askable,
      handle: () => ({ models: node.asking.info() }),
    }),
    {
      ...rawRoute(
        ASK_PATH,
        'Puts a question to a peer and pays for the answer. One JSON object a line, as they come: start, text, end (with the answer as a file), paid; or error',
        'application/x-ndjson',
      ),
      method: 'POST',
      secret: true,
      body: askShape,
    },
  ]
}
