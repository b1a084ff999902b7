import { HydraError } from '@hydraai/core'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { Admission } from '../admission.ts'
import { messageOf, NetworkError } from '../errors.ts'
import { MAX_BODY_BYTES } from '../limits.ts'
import { qualify } from '../names.ts'
import type { RequestHandler, RequestOptions } from '../network.ts'
import { deadline, within } from './deadline.ts'
import { decodeResponse, encodeResponse, maxResponseFrame } from './frame.ts'
import {
  asError,
  connectionTo,
  explain,
  LINGER_MS,
  MAX_UNREAD_BYTES,
  readRequest,
  refuse,
  remoteError,
  type ServiceOptions,
  sendRequest,
  tooLarge,
  turnAway,
} from './serving.ts'
import { closeWithin, readFrame, writeFrame } from './streams.ts'

interface Handler {
  protocol: string
  maxRequestBytes: number
  maxResponseBytes: number
  respond: RequestHandler
}

/** One request, one response, one stream: bounded in bytes, time and number on both sides. */
export class RequestService {
  readonly #options: ServiceOptions
  readonly #admission: Admission
  readonly #handlers = new Map<string, Handler>()
  readonly #stopping = new AbortController()
  #libp2p: Libp2p | null = null

  constructor(options: ServiceOptions) {
    this.#options = options
    this.#admission = new Admission(options.limits, Date.now)
  }

  handle(protocol: string, options: { maxRequestBytes: number; maxResponseBytes: number }, respond: RequestHandler) {
    const { names, prefix } = this.#options
    const name = qualify(prefix, protocol)
    if (names.has(name)) throw new NetworkError('NETWORK_STATE', `the protocol ${protocol} has a handler already`)
    if (options.maxRequestBytes > MAX_BODY_BYTES || options.maxResponseBytes > MAX_BODY_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a body of ${protocol} may have at most ${MAX_BODY_BYTES} bytes`)
    }
    const handler: Handler = { protocol, ...options, respond }
    names.add(name)
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
      const connection = connectionTo(this.#libp2p, peer)
      stream = await within(
        connection.newStream(qualify(this.#options.prefix, protocol), {
          signal: limit.signal,
          maxOutboundStreams: 256,
        }),
        limit.signal,
      )
      // A refusal may come before the request is through, so the answer is listened for from the start.
      const reading = readFrame(stream, maxResponseFrame(options.maxResponseBytes), limit.signal)
      const writing = sendRequest(stream, body, limit.signal)
      writing.then(() => (counters.bytesSent += body.length)).catch(error => stream?.abort(error))
      const frame = await reading
      const response = decodeResponse(frame)
      closeWithin(stream, LINGER_MS)
      if (response.type === 'ok') {
        counters.bytesReceived += response.body.length
        return response.body
      }
      throw remoteError(response, { peer, protocol })
    } catch (error) {
      counters.failed++
      stream?.abort(asError(error))
      throw explain(error, { peer, protocol, limit, stopping: this.#stopping.signal })
    } finally {
      limit.clear()
    }
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
        await refuse(stream, admitted === 'busy' ? 'BUSY' : 'RATE_LIMITED', limit.signal)
        return
      }
      const request = await readRequest(this.#options, handler, stream, this.#stopping.signal)
      const response = await this.#answer(handler, request, peer, limit.signal)
      await writeFrame(stream, response, limit.signal)
      this.#options.counters.protocol(handler.protocol).bytesSent += response.length - 1
      await within(stream.close({ signal: limit.signal }), limit.signal)
      closeWithin(stream, LINGER_MS)
    } catch (error) {
      await turnAway(this.#options, {
        stream,
        peer,
        protocol: handler.protocol,
        error,
        stopping: this.#stopping.signal,
      })
    } finally {
      limit.clear()
      if (admitted === 'admitted') this.#admission.leave(peer)
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
}
