import type { HydraError } from '@hydraai/core'

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
