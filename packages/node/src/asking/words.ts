import { HydraError } from '@hydraai/core'

/** Why a server gave no answer, for a person. Codes are those that the server's admission throws, or the network. */
const REASONS: Readonly<Record<string, string>> = {
  ASKER_BUSY: 'is still answering this node',
  ASKER_IN_DEBT: 'says that this node has not paid for an earlier answer',
  ASKER_LEAVES: 'has had too many answers of this node broken off',
  ASKER_POOR: 'says that this node cannot pay',
  ASKER_UNKNOWN: 'does not know this node yet',
  ASK_STALE: 'stands at a block too far from ours',
  COMPUTE_CLOSED: 'is stopping',
  CONNECTION_LOST: 'went away',
  CONTEXT_FULL: 'says that the question is too long for this model',
  ENGINE_MEMORY: 'has no memory left for the model',
  GENERATOR_UNSUPPORTED: 'says that this model cannot be asked',
  MODEL_NOT_SERVED: 'does not hold the model',
  PAYMENT_AWAITED: 'waits until earlier answers are paid for in a block',
  PEER_NOT_CONNECTED: 'went away',
  PROTOCOL_UNSUPPORTED: 'answers no questions',
  RECEIPT_INVALID: 'did not sign what it said',
  REQUEST_TIMEOUT: 'said nothing for 10 s',
  SERVER_BUSY: 'is busy',
  SERVER_BEHIND: 'answers with another version than the chain has',
  SERVER_NOT_SYNCED: 'is catching up',
}

/** The code that says most: what the server said, or what befell the connection. */
export function codeOf(error: HydraError): string {
  const { remoteCode } = (error.details ?? {}) as { remoteCode?: unknown }
  return typeof remoteCode === 'string' ? remoteCode : error.code
}

export function reasonOf(error: HydraError): string {
  return REASONS[codeOf(error)] ?? `gave no answer (${codeOf(error)})`
}

/** Who refuses for one of these did nothing wrong, and is chosen again. */
export const FAULTLESS = new Set([
  'PAYMENT_AWAITED',
  'SERVER_BUSY',
  'ASKER_BUSY',
  'CONTEXT_FULL',
  'ASKER_POOR',
  'ASKER_IN_DEBT',
  'ASKER_UNKNOWN',
])
/** Errors of this node's own making; the server has done its part. */
export const OWN_CODES = new Set(['PAYMENT_DELAYED', 'RECEIPT_INVALID', 'STORAGE_FULL', 'STORAGE_CLOSED'])

const ADVICE: Readonly<Record<string, string>> = {
  CONTEXT_FULL: 'Ask a shorter question.',
  ASKER_IN_DEBT: 'Let the node run until its payment is in a block, then ask again.',
  ASKER_POOR: 'Let the node train: a verified unit earns more than an answer costs.',
  PAYMENT_AWAITED: 'Ask again after the next block.',
  ASKER_LEAVES: 'Let answers come to their end for some minutes.',
}

/** What the person can do after the last server failed. */
export function adviceFor(error: unknown): string {
  const own = error instanceof HydraError ? ADVICE[codeOf(error)] : undefined
  return own ?? 'Ask again in a moment, or use --local.'
}
