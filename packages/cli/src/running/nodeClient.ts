import { contentIdOf, type Hash, HydraError } from '@hydraai/core'
import { z } from 'zod'

const PROBE_TIMEOUT_MS = 2_000
const REQUEST_TIMEOUT_MS = 30_000
/** A dataset goes over loopback and is hashed on the way in. */
const CONTENT_TIMEOUT_MS = 300_000
const MAX_CONTENT_BYTES = 64 * 1024 * 1024

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }),
})

/** The HTTP API of a node on this machine, with the token that spends. Every answer is parsed before it is believed. */
export class NodeClient {
  readonly url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.url = url
    this.#token = token
  }

  /** Whether a node answers here. */
  async isThere(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/api/status`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
      await response.body?.cancel()
      return response.ok
    } catch {
      return false
    }
  }

  /** @throws HydraError with the code and the sentence of the node, or NODE_NOT_RUNNING, NODE_ANSWER_INVALID */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return parsed(path, schema, await this.#request(path, { method: 'GET' }))
  }

  /** {@link get} where a 404 is an answer too: undefined. */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    try {
      return await this.get(path, schema)
    } catch (error) {
      if (error instanceof HydraError && error.details?.status === 404) return undefined
      throw error
    }
  }

  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const headers = { 'Content-Type': 'application/json' }
    return parsed(path, schema, await this.#request(path, { method: 'POST', headers, body: JSON.stringify(body) }))
  }

  /** Gives the node a blob; its content id. @throws HydraError as {@link get} */
  async putContent(blob: Uint8Array<ArrayBuffer>): Promise<Hash> {
    const path = '/api/content'
    const headers = { 'Content-Type': 'application/octet-stream' }
    const response = await this.#request(path, { method: 'POST', headers, body: blob }, CONTENT_TIMEOUT_MS)
    const { hash } = await parsed(path, z.object({ hash: z.string() }), response)
    if (hash !== contentIdOf(blob)) throw notUnderstood(path)
    return hash as Hash
  }

  /** The blob of this name, checked against it; undefined when the node does not hold it. @throws HydraError as {@link get} */
  async content(id: string): Promise<Uint8Array | undefined> {
    const path = `/api/content/${id}`
    let response: Response
    try {
      response = await this.#request(path, { method: 'GET' }, CONTENT_TIMEOUT_MS)
    } catch (error) {
      if (error instanceof HydraError && error.details?.status === 404) return undefined
      throw error
    }
    if (Number(response.headers.get('content-length') ?? 0) > MAX_CONTENT_BYTES) throw notUnderstood(path)
    const blob = new Uint8Array(await response.arrayBuffer())
    if (contentIdOf(blob) !== id) throw notUnderstood(path)
    return blob
  }

  async #request(path: string, init: RequestInit, timeoutMs = REQUEST_TIMEOUT_MS): Promise<Response> {
    let response: Response
    try {
      response = await fetch(this.url + path, {
        ...init,
        headers: { ...init.headers, Authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch (cause) {
      throw new HydraError('NODE_NOT_RUNNING', `The node at ${this.url} does not answer.`, {
        advice: 'Look whether it still runs.',
        cause,
      })
    }
    if (response.ok) return response
    throw await refusalOf(path, response)
  }
}

async function refusalOf(path: string, response: Response): Promise<HydraError> {
  const answer = errorSchema.safeParse(await response.json().catch(() => undefined))
  const details = { status: response.status }
  if (!answer.success)
    return new HydraError('NODE_ANSWER_INVALID', `${path}: the node answered ${response.status}.`, { details })
  const { code, message, advice } = answer.data.error
  return new HydraError(code, message, { details, ...(advice !== undefined && { advice }) })
}

async function parsed<T>(path: string, schema: z.ZodType<T>, response: Response): Promise<T> {
  const answer = schema.safeParse(await response.json().catch(() => undefined))
  if (!answer.success) throw notUnderstood(path)
  return answer.data
}

function notUnderstood(path: string): HydraError {
  return new HydraError('NODE_ANSWER_INVALID', `${path}: the node's answer is not what this program expects.`, {
    advice: 'Run the same version of hydra_node as the node.',
  })
}
