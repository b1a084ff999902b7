import { HydraError, type HydraErrorOptions } from '@hydraai/core'
import type { ZodError } from 'zod'

/** A refusal with the HTTP status that goes with it. */
export class ApiError extends HydraError {
  override name = 'ApiError'
  readonly status: number

  constructor(status: number, code: string, message: string, options: HydraErrorOptions = {}) {
    super(code, message, options)
    this.status = status
  }
}

export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string; readonly advice?: string }
}

/** Refusals that the same request may not meet again in a while; every other HydraError is the request's own fault. */
const BUSY = new Set(['MEMPOOL_FULL', 'MEMPOOL_ACCOUNT_FULL', 'NOT_SYNCED', 'STORAGE_CLOSED', 'COMPUTE_CLOSED'])
const BROKEN = /^(STORAGE|BLOB|LOG|CODEC)_/

/** Any failure as an answer. What is not known to be harmless to tell is not told. */
export function answerOf(error: unknown): { status: number; body: ErrorAnswer } {
  if (error instanceof ApiError) return { status: error.status, body: bodyOf(error) }
  if (error instanceof HydraError && BUSY.has(error.code)) return { status: 503, body: bodyOf(error) }
  if (error instanceof HydraError && BROKEN.test(error.code)) return { status: 500, body: bodyOf(error) }
  if (error instanceof HydraError) return { status: 400, body: bodyOf(error) }
  const status = frameworkStatus(error)
  if (status !== null) return { status, body: { error: FRAMEWORK[status] ?? FRAMEWORK[400]! } }
  return {
    status: 500,
    body: {
      error: {
        code: 'INTERNAL',
        message: 'The node failed to answer.',
        advice: 'See its log; the node itself goes on.',
      },
    },
  }
}

/** What of a request did not fit, the first problem only. */
export function invalidRequest(where: string, error: ZodError): ApiError {
  const [issue] = error.issues
  const path = issue?.path.map(String).join('.') || where
  return new ApiError(400, 'REQUEST_INVALID', `${path}: ${issue?.message ?? 'not understood'}`.slice(0, 300), {
    advice: 'GET /api/openapi.json describes every request.',
  })
}

const FRAMEWORK: Record<number, ErrorAnswer['error']> = {
  400: { code: 'REQUEST_INVALID', message: 'The request could not be read.', advice: 'Send JSON as the body.' },
  413: { code: 'REQUEST_TOO_LARGE', message: 'The request is larger than the node takes.' },
  414: { code: 'REQUEST_TOO_LARGE', message: 'The address of the request is too long.' },
  415: { code: 'TYPE_REFUSED', message: 'The body has to be JSON.', advice: 'Send Content-Type: application/json.' },
}

/** Errors that the HTTP framework itself found in a request carry a 4xx status. */
function frameworkStatus(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}

function bodyOf({ code, message, advice }: HydraError): ErrorAnswer {
  return { error: { code, message: sentence(message), ...(advice !== undefined && { advice }) } }
}

/** The ledger's messages begin small and end without a stop; a person reads a sentence. */
function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`
  return ended.charAt(0).toUpperCase() + ended.slice(1)
}
