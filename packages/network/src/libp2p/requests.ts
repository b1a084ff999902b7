import { HydraError } from '@hydraai/core'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { Admission } from '../admission.ts'
import type { Counters } from '../counters.ts'
import { messageOf, NetworkError } from '../errors.ts'
import { MAX_BODY_BYTES, type NetworkLimits } from '../limits.ts'
import { qualify } from '../names.ts'
import type { NetworkLogger, RequestHandler, RequestOptions } from '../network.ts'
import { type Deadline, deadline, within } from './deadline.ts'
import { decodeResponse, encodeResponse, maxResponseFrame } from './frame.ts'
import { Blame } from './misbehaviour.ts'
import { closeDiscarding, closeWithin, readFrame, writeFrame } from './streams.ts'

/** How long the other side may take to close a stream whose work is done. */
const LINGER_MS = 5_000
/** The same for a stream that was refused. */
const REFUSAL_LINGER_MS = 500
/** What a stream may hold that nobody has read. */
const MAX_UNREAD_BYTES = 524_288

interface Handler {
  protocol: string
  maxRequestBytes: number
  maxResponseBytes: number
  respond: RequestHandler
}

export interface RequestServiceOptions {
  prefix: string
  counters: Counters
  limits: NetworkLimits
  logger: NetworkLogger
  blame(peer: string, amount: number): void
}

/** One request, one response, one stream: bounded in bytes, time and number on both sides. */
export class RequestService {
  readonly #options: RequestServiceOptions
  readonly #admission: Admission
  readonly #handlers = new Map<string, Handler>()
  readonly #stopping = new AbortController()
  #libp2p: Libp2p | null = null

  constructor(options: RequestServiceOptions) {
    this.#options = options
    this.#admission = new Admission(options.limits, Date.now)
  }

  handle(protocol: string, options: { maxRequestBytes: number; maxResponseBytes: number }, respond: RequestHandler) {
    const name = qualify(this.#options.prefix, protocol)
    if (this.#handlers.has(name)) {
      throw new NetworkError('NETWORK_STATE', `the protocol ${protocol} has a handler already`)
    }
    if (options.maxRequestBytes > MAX_BODY_BYTES || options.maxResponseBytes > MAX_BODY_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a body of ${protocol} may have at most ${MAX_BODY_BYTES} bytes`)
    }
    const handler: Handler = { protocol, ...options, respond }
    this.#handlers.set(name, handler)
    if (this.#libp2p !== null) void this.#register(this.#libp2p, name, handler)
  }

  async start(libp2p: Libp2p): Promise<void> {
    this.#libp2p = libp2p
    for (const [name, handler] of this.#handlers) await this.#register(libp2p, name, handler)
  }

  stop(): void {
    this.#stopping.abort(new NetworkError('NETWORK_STOPPED', 'the network was stopped'))
  }

  async request(peer: string, protocol: string, body: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    const counters = this.#options.counters.protocol(protocol)
    counters.requested++
    const limit = deadline(options.timeoutMs, options.signal, this.#stopping.signal)
    let stream: Stream | null = null
    try {
      if (body.length > MAX_BODY_BYTES) throw tooLarge(protocol, body.length)
      const connection = this.#connectionTo(peer)
      stream = await within(
        connection.newStream(qualify(this.#options.prefix, protocol), {
          signal: limit.signal,
          maxOutboundStreams: 256,
        }),
        limit.signal,
      )
      // A refusal may come before the request is through, so the answer is listened for from the start.
      const reading = readFrame(stream, maxResponseFrame(options.maxResponseBytes), limit.signal)
      const writing = this.#send(stream, body, limit.signal)
      writing.then(() => (counters.bytesSent += body.length)).catch(error => stream?.abort(error))
      const frame = await reading
      const response = decodeResponse(frame)
      closeWithin(stream, LINGER_MS)
      if (response.type === 'ok') {
        counters.bytesReceived += response.body.length
        return response.body
      }
      const details = { remoteCode: response.code, peer, protocol }
      const said = response.type === 'failed' ? 'failed to answer' : 'refused'
      const code = response.type === 'failed' ? 'REQUEST_FAILED' : 'REQUEST_REFUSED'
      throw new NetworkError(code, `the peer ${said} a ${protocol} request: ${response.code}`, { details })
    } catch (error) {
      counters.failed++
      stream?.abort(asError(error))
      throw this.#explain(error, peer, protocol, limit)
    } finally {
      limit.clear()
    }
  }

  async #send(stream: Stream, body: Uint8Array, signal: AbortSignal): Promise<void> {
    await writeFrame(stream, body, signal)
    await stream.close({ signal })
  }

  #connectionTo(peer: string): Connection {
    if (this.#libp2p === null) throw new NetworkError('NETWORK_STATE', 'the network has not started')
    const open = this.#libp2p.getConnections().filter(c => c.remotePeer.toString() === peer && c.status === 'open')
    // A limited connection is cut after some bytes, so it carries no requests.
    const connection = open.find(c => c.limits === undefined)
    if (connection === undefined) {
      throw new NetworkError('PEER_NOT_CONNECTED', `there is no connection to ${peer}`, { details: { peer } })
    }
    return connection
  }

  #explain(error: unknown, peer: string, protocol: string, limit: Deadline): NetworkError {
    if (error instanceof NetworkError) return error
    const options = { cause: error, details: { peer, protocol } }
    if (this.#stopping.signal.aborted) return new NetworkError('NETWORK_STOPPED', 'the network was stopped', options)
    if (limit.expired) return new NetworkError('REQUEST_TIMEOUT', `no answer to ${protocol} in time`, options)
    if (limit.signal.aborted)
      return new NetworkError('REQUEST_ABORTED', `the ${protocol} request was given up`, options)
    const name = error instanceof Error ? error.name : ''
    if (name === 'UnsupportedProtocolError') {
      return new NetworkError('PROTOCOL_UNSUPPORTED', `the peer does not speak ${protocol}`, options)
    }
    if (error instanceof HydraError && (error.code === 'FRAME_TOO_LARGE' || error.code === 'FRAME_INVALID')) {
      return new NetworkError('REQUEST_FAILED', `the answer to ${protocol} was refused: ${error.message}`, options)
    }
    return new NetworkError('CONNECTION_LOST', `the ${protocol} request broke off: ${messageOf(error)}`, options)
  }

  #register(libp2p: Libp2p, name: string, handler: Handler): Promise<void> {
    return libp2p.handle(name, (stream, connection) => this.#serve(handler, stream, connection), {
      maxInboundStreams: this.#options.limits.maxConcurrentPerPeer * 2,
    })
  }

  /** Never throws: whatever goes wrong ends this stream, and is counted. */
  async #serve(handler: Handler, stream: Stream, connection: Connection): Promise<void> {
    const { limits } = this.#options
    const peer = connection.remotePeer.toString()
    stream.maxReadBufferLength = MAX_UNREAD_BYTES
    const limit = deadline(limits.readTimeoutMs + limits.serveTimeoutMs, this.#stopping.signal)
    const admitted = this.#admission.enter(peer)
    try {
      if (admitted !== 'admitted') {
        this.#options.counters.refuse(admitted, handler.protocol)
        await this.#refuse(stream, admitted === 'busy' ? 'BUSY' : 'RATE_LIMITED', limit.signal)
        return
      }
      const request = await this.#read(handler, stream)
      const response = await this.#answer(handler, request, peer, limit.signal)
      await writeFrame(stream, response, limit.signal)
      this.#options.counters.protocol(handler.protocol).bytesSent += response.length - 1
      await within(stream.close({ signal: limit.signal }), limit.signal)
      closeWithin(stream, LINGER_MS)
    } catch (error) {
      await this.#turnAway(handler, stream, peer, error)
    } finally {
      limit.clear()
      if (admitted === 'admitted') this.#admission.leave(peer)
    }
  }

  async #refuse(stream: Stream, code: string, signal: AbortSignal): Promise<void> {
    await writeFrame(stream, encodeResponse({ type: 'refused', code }), signal)
    await within(closeDiscarding(stream, REFUSAL_LINGER_MS), signal)
  }

  async #read(handler: Handler, stream: Stream): Promise<Uint8Array> {
    const limit = deadline(this.#options.limits.readTimeoutMs, this.#stopping.signal)
    try {
      const request = await readFrame(stream, handler.maxRequestBytes, limit.signal)
      this.#options.counters.protocol(handler.protocol).bytesReceived += request.length
      return request
    } finally {
      limit.clear()
    }
  }

  /** The response frame's body: an answer, or the code of what the handler threw. */
  async #answer(handler: Handler, request: Uint8Array, peer: string, signal: AbortSignal): Promise<Uint8Array> {
    const { counters, logger } = this.#options
    try {
      const body = await within(handler.respond(request, peer), signal)
      if (body.length > handler.maxResponseBytes) throw tooLarge(handler.protocol, body.length)
      counters.protocol(handler.protocol).served++
      return encodeResponse({ type: 'ok', body })
    } catch (error) {
      if (signal.aborted) throw error
      counters.refuse('handlerFailed', handler.protocol)
      logger.debug('a request could not be answered', { protocol: handler.protocol, peer, error: messageOf(error) })
      return encodeResponse({ type: 'failed', code: error instanceof HydraError ? error.code : 'INTERNAL' })
    }
  }

  async #turnAway(handler: Handler, stream: Stream, peer: string, error: unknown): Promise<void> {
    const { blame, counters, logger } = this.#options
    if (this.#stopping.signal.aborted) return stream.abort(asError(error))
    const code = error instanceof HydraError ? error.code : ''
    logger.debug('a request was turned away', { protocol: handler.protocol, peer, error: messageOf(error) })
    if (code === 'FRAME_TOO_LARGE' || code === 'FRAME_INVALID') {
      counters.refuse(code === 'FRAME_TOO_LARGE' ? 'oversized' : 'malformed', handler.protocol)
      blame(peer, Blame.malformedRequest)
      const why = code === 'FRAME_TOO_LARGE' ? 'TOO_LARGE' : 'MALFORMED'
      await this.#refuse(stream, why, this.#stopping.signal).catch(cause => stream.abort(cause))
      return
    }
    counters.refuse(code === 'FRAME_TRUNCATED' ? 'malformed' : 'silent', handler.protocol)
    if (code === 'FRAME_SILENT' || code === 'FRAME_SLOW') blame(peer, Blame.silentStream)
    stream.abort(asError(error))
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function tooLarge(protocol: string, bytes: number): NetworkError {
  return new NetworkError('MESSAGE_TOO_LARGE', `a ${protocol} body of ${bytes} bytes is over the limit`)
}
