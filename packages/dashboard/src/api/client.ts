import { askInfo } from '../asking/askEvents.ts'
import type { Parse } from './parse.ts'
import * as shapes from './shapes.ts'

/** A request the node refused, or could not be asked. `code` is the node's own, or `UNREACHABLE`, `NOT_JSON`. */
export class RequestError extends Error {
  readonly code: string
  readonly httpStatus: number
  readonly advice: string | null
  constructor(code: string, message: string, httpStatus = 0, advice: string | null = null) {
    super(message)
    this.code = code
    this.httpStatus = httpStatus
    this.advice = advice
  }
}

/** Any failure as a sentence for a person: what was wrong, and what to do where that is known. */
export function sentenceOf(error: unknown): string {
  if (error instanceof RequestError) return [error.message, error.advice].filter(Boolean).join(' ')
  return error instanceof Error ? error.message : 'Something failed that has no name.'
}

const REQUEST_TIMEOUT_MS = 15_000
const MAX_ANSWER_CHARS = 16_000_000

interface Ask {
  readonly token?: string | null
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

async function ask<T>(path: string, parse: Parse<T>, { token, body, signal }: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (token) headers.Authorization = `Bearer ${token}`
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  let response: Response
  let answer: string
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials: 'omit',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    answer = await response.text()
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new RequestError(
      'UNREACHABLE',
      'The node did not answer.',
      0,
      'See that it is still running, then try again.',
    )
  }
  if (answer.length > MAX_ANSWER_CHARS)
    throw new RequestError('TOO_LONG', `${path} answered more than the page will read.`)
  let json: unknown
  try {
    json = answer === '' ? {} : JSON.parse(answer)
  } catch {
    throw new RequestError('NOT_JSON', `${path} did not answer with JSON.`, response.status)
  }
  if (!response.ok) throw refusalOf(json, response.status)
  return parse(json, '')
}

function refusalOf(json: unknown, httpStatus: number): RequestError {
  try {
    const { error } = shapes.refusal(json, '')
    return new RequestError(error.code, error.message, httpStatus, error.advice)
  } catch {
    return new RequestError('REFUSED', `The node refused the request (HTTP ${httpStatus}).`, httpStatus)
  }
}

/** The node's refusal out of an answer's text, for a request whose success is no JSON. */
export function refusalOfText(answer: string, httpStatus: number): RequestError {
  let json: unknown
  try {
    json = JSON.parse(answer)
  } catch {
    json = null
  }
  return refusalOf(json, httpStatus)
}

const part = encodeURIComponent

/** The node's HTTP API, one function a route. Everything rejects with {@link RequestError} or an `AnswerError`. */
export const api = {
  status: (signal?: AbortSignal) => ask('/api/status', shapes.status, { signal }),
  peers: (signal?: AbortSignal) => ask('/api/peers', shapes.peers, { signal }),
  committee: (signal?: AbortSignal) => ask('/api/committee', shapes.committee, { signal }),
  blocks: (limit: number, before?: number, signal?: AbortSignal) =>
    ask(`/api/blocks?limit=${limit}${before === undefined ? '' : `&before=${before}`}`, shapes.blocks, { signal }),
  block: (heightOrHash: string, signal?: AbortSignal) =>
    ask(`/api/blocks/${part(heightOrHash)}`, shapes.block, { signal }),
  transaction: (id: string, signal?: AbortSignal) =>
    ask(`/api/transactions/${part(id)}`, shapes.transaction, { signal }),
  account: (address: string, signal?: AbortSignal) => ask(`/api/accounts/${part(address)}`, shapes.account, { signal }),
  earlierEntries: (address: string, before: number) =>
    ask(`/api/accounts/${part(address)}?before=${before}`, shapes.account),
  models: (signal?: AbortSignal) => ask('/api/models', shapes.models, { signal }),
  model: (id: string, signal?: AbortSignal) => ask(`/api/models/${part(id)}`, shapes.modelHistory, { signal }),
  samples: (id: string, signal?: AbortSignal) => ask(`/api/models/${part(id)}/samples`, shapes.samples, { signal }),
  updates: (model: string, limit: number, before?: string) =>
    ask(
      `/api/models/${part(model)}/updates?limit=${limit}${before === undefined ? '' : `&before=${part(before)}`}`,
      shapes.updates,
    ),
  /** `id` is `model/round/trainer/unit`, as in the address bar. */
  update: (id: string, signal?: AbortSignal) => {
    const [model = '', round = '', trainer = '', unit = ''] = id.split('/')
    const path = `/api/models/${part(model)}/updates/${part(round)}/${part(trainer)}/${part(unit)}`
    return ask(path, shapes.updateDetail, { signal })
  },
  training: (signal?: AbortSignal) => ask('/api/training', shapes.training, { signal }),
  askInfo: (signal?: AbortSignal) => ask('/api/ask/info', askInfo, { signal }),
  log: (limit: number, signal?: AbortSignal) => ask(`/api/log?limit=${limit}`, shapes.log, { signal }),
  wallet: (token: string, signal?: AbortSignal) => ask('/api/wallet', shapes.wallet, { token, signal }),
  send: (token: string, body: { to: string; amount: string; memo?: string; tip?: string }) =>
    ask('/api/wallet/send', shapes.accepted, { token, body }),
  stake: (token: string, body: { amount: string }) => ask('/api/wallet/stake', shapes.accepted, { token, body }),
  unstake: (token: string, body: { amount: string }) => ask('/api/wallet/unstake', shapes.accepted, { token, body }),
  pause: (token: string) => ask('/api/node/pause', () => undefined, { token, body: {} }),
  resume: (token: string) => ask('/api/node/resume', () => undefined, { token, body: {} }),
  /** Trains one model only, or all of them for null. */
  trainOnly: (token: string, model: string | null) =>
    ask('/api/node/only', () => undefined, { token, body: { model } }),
}
