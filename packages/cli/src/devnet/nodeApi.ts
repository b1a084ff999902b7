import { z } from 'zod'

const REQUEST_TIMEOUT_MS = 5_000

const statusSchema = z.object({
  node: z.object({ name: z.string(), address: z.string(), peerId: z.string() }),
  chain: z.object({ id: z.string(), genesis: z.string(), height: z.number(), blockHash: z.string() }),
  state: z.string(),
  reason: z.string(),
  peers: z.number(),
  supply: z.object({ total: z.string() }),
})
const blockSchema = z.object({
  height: z.number(),
  hash: z.string(),
  models: z.array(z.object({ id: z.string(), version: z.number(), parameters: z.string() })),
})
const accountSchema = z.object({ balance: z.string(), stake: z.string(), unitsVerified: z.number() })
const modelsSchema = z.object({
  models: z.array(
    z.object({
      id: z.string(),
      version: z.number(),
      round: z.number(),
      phase: z.string(),
      settling: z.object({ round: z.number(), phase: z.string() }).nullable(),
      evaluation: z.object({ accuracy: z.number(), loss: z.number() }),
    }),
  ),
})

export type NodeStatus = z.infer<typeof statusSchema>
export type ModelRow = z.infer<typeof modelsSchema>['models'][number]
export type BlockRow = z.infer<typeof blockSchema>

/** The HTTP API of one node, as far as the launcher reads it. Every answer is parsed before it is believed. */
export class NodeApi {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  status(): Promise<NodeStatus> {
    return this.#get('/api/status', statusSchema)
  }

  block(height: number): Promise<BlockRow> {
    return this.#get(`/api/blocks/${height}`, blockSchema)
  }

  account(address: string) {
    return this.#get(`/api/accounts/${address}`, accountSchema)
  }

  async models(): Promise<ModelRow[]> {
    return (await this.#get('/api/models', modelsSchema)).models
  }

  async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return schema.parse(await response.json())
  }
}
