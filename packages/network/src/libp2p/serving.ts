import { HydraError } from '@hydraai/core'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Counters } from '../counters.ts'
import { messageOf, NetworkError } from '../errors.ts'
import type { NetworkLimits } from '../limits.ts'
import type { NetworkLogger } from '../network.ts'
import { type Deadline, deadline, within } from './deadline.ts'
import { encodeResponse, type Response } from './frame.ts'
import { Blame } from './misbehaviour.ts'
import { closeDiscarding, readFrame, writeFrame } from './streams.ts'

/** What requests with one answer and with a stream of them have in common. */

/** How long the other side may take to close a stream whose work is done. */
export const LINGER_MS = 5_000
/** The same for a stream that was refused. */
const REFUSAL_LINGER_MS = 500
/** What a stream may hold that nobody has read. */
export const MAX_UNREAD_BYTES = 524_288

export interface ServiceOptions {
  prefix: string
  /** The protocols that have a handler, by their full names. */
  names: Set<string>
  counters: Counters
  limits: NetworkLimits
  logger: NetworkLogger
  blame(peer: string, amount: number): void
}

/** @throws NetworkError NETWORK_STATE, PEER_NOT_CONNECTED */
export function connectionTo(libp2p: Libp2p | null, peer: string): Connection {
  if (libp2p === null) throw new NetworkError('NETWORK_STATE', 'the network has not started')
  const open = libp2p.getConnections().filter(c => c.remotePeer.toString() === peer && c.status === 'open')
  // A limited connection is cut after some bytes, so it carries no requests.
  const connection = open.find(c => c.limits === undefined)
  if (connection === undefined) {
    throw new NetworkError('PEER_NOT_CONNECTED', `there is no connection to ${peer}`, { details: { peer } })
  }
  return connection
}

export async function sendRequest(stream: Stream, body: Uint8Array, signal: AbortSignal): Promise<void> {
  await writeFrame(stream, body, signal)
  await stream.close({ signal })
}

/** The request on a stream that was opened to us, bounded in bytes and time. */
export async function readRequest(
  { limits, counters }: ServiceOptions,
  { protocol, maxRequestBytes }: { protocol: string; maxRequestBytes: number },
  stream: Stream,
  stopping: AbortSignal,
): Promise<Uint8Array> {
  const limit = deadline(limits.readTimeoutMs, stopping)
  try {
    const request = await readFrame(stream, maxRequestBytes, limit.signal)
    counters.protocol(protocol).bytesReceived += request.length
    return request
  } finally {
    limit.clear()
  }
}

/** The error of a response that is none. */
export function remoteError(
  response: Exclude<Response, { type: 'ok' }>,
  { peer, protocol }: { peer: string; protocol: string },
): NetworkError {
  const details = { remoteCode: response.code, peer, protocol }
  const said = response.type === 'failed' ? 'failed to answer' : 'refused'
  const code = response.type === 'failed' ? 'REQUEST_FAILED' : 'REQUEST_REFUSED'
  return new NetworkError(code, `the peer ${said} a ${protocol} request: ${response.code}`, { details })
}

/** Whatever ended a request, as one of the errors that {@link Network} promises. */
export function explain(
  error: unknown,
  { peer, protocol, limit, stopping }: { peer: string; protocol: string; limit: Deadline; stopping: AbortSignal },
): NetworkError {
  if (error instanceof NetworkError) return error
  const options = { cause: error, details: { peer, protocol } }
  const code = error instanceof HydraError ? error.code : ''
  if (stopping.aborted) return new NetworkError('NETWORK_STOPPED', 'the network was stopped', options)
  if (limit.expired || (code === 'FRAME_SILENT' && !limit.signal.aborted))
    return new NetworkError('REQUEST_TIMEOUT', `no answer to ${protocol} in time`, options)
  if (limit.signal.aborted) return new NetworkError('REQUEST_ABORTED', `the ${protocol} request was given up`, options)
  const name = error instanceof Error ? error.name : ''
  if (name === 'UnsupportedProtocolError') {
    return new NetworkError('PROTOCOL_UNSUPPORTED', `the peer does not speak ${protocol}`, options)
  }
  if (code === 'FRAME_TOO_LARGE' || code === 'FRAME_INVALID') {
    return new NetworkError('REQUEST_FAILED', `the answer to ${protocol} was refused: ${messageOf(error)}`, options)
  }
  return new NetworkError('CONNECTION_LOST', `the ${protocol} request broke off: ${messageOf(error)}`, options)
}

export async function refuse(stream: Stream, code: string, signal: AbortSignal): Promise<void> {
  await writeFrame(stream, encodeResponse({ type: 'refused', code }), signal)
  await within(closeDiscarding(stream, REFUSAL_LINGER_MS), signal)
}

/** Ends a stream that could not be served, counts it, and blames the peer where it was at fault. Never throws. */
export async function turnAway(
  { blame, counters, logger }: ServiceOptions,
  what: { stream: Stream; peer: string; protocol: string; error: unknown; stopping: AbortSignal },
): Promise<void> {
  const { stream, peer, protocol, error, stopping } = what
  if (stopping.aborted) return stream.abort(asError(error))
  const code = error instanceof HydraError ? error.code : ''
  logger.debug('a request was turned away', { protocol, peer, error: messageOf(error) })
  if (code === 'FRAME_TOO_LARGE' || code === 'FRAME_INVALID') {
    counters.refuse(code === 'FRAME_TOO_LARGE' ? 'oversized' : 'malformed', protocol)
    blame(peer, Blame.malformedRequest)
    const why = code === 'FRAME_TOO_LARGE' ? 'TOO_LARGE' : 'MALFORMED'
    await refuse(stream, why, stopping).catch(cause => stream.abort(cause))
    return
  }
  counters.refuse(code === 'FRAME_TRUNCATED' ? 'malformed' : 'silent', protocol)
  if (code === 'FRAME_SILENT' || code === 'FRAME_SLOW') blame(peer, Blame.silentStream)
  stream.abort(asError(error))
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

export function tooLarge(protocol: string, bytes: number): NetworkError {
  return new NetworkError('MESSAGE_TOO_LARGE', `a ${protocol} body of ${bytes} bytes is over the limit`)
}
