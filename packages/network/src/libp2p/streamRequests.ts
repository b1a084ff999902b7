import { HydraError } from '@hydraai/core'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { type Admission, streamAdmission } from '../admission.ts'
import { messageOf, NetworkError } from '../errors.ts'
import { FrameQueue, frameCost } from '../frameQueue.ts'
import { MAX_BODY_BYTES } from '../limits.ts'
import { qualify } from '../names.ts'
import type { StreamHandler, StreamRequestOptions, StreamServeOptions } from '../network.ts'
import { deadline, within } from './deadline.ts'
import { decodeStreamed, END_OF_STREAM, encodeResponse, maxResponseFrame } from './frame.ts'
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
import { closeWithin, readFrames, writeFrame } from './streams.ts'

interface Handler extends StreamServeOptions {
  protocol: string
  respond: StreamHandler
}

/** One request, many frames in answer, one stream: bounded in bytes, time and number on both sides. */
export class StreamRequestService {
  readonly #options: ServiceOptions
  readonly #admission: Admission
  readonly #handlers = new Map<string, Handler>()
  readonly #stopping = new AbortController()
  #libp2p: Libp2p | null = null

  constructor(options: ServiceOptions) {
    this.#options = options
    this.#admission = streamAdmission(options.limits, Date.now)
  }

  handle(protocol: string, options: StreamServeOptions, respond: StreamHandler): void {
    const { names, prefix } = this.#options
    const name = qualify(prefix, protocol)
    if (names.has(name)) throw new NetworkError('NETWORK_STATE', `the protocol ${protocol} has a handler already`)
    if (Math.max(options.maxRequestBytes, options.maxFrameBytes, options.maxTotalBytes) > MAX_BODY_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a stream of ${protocol} may have at most ${MAX_BODY_BYTES} bytes`)
    }
    names.add(name)
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

  request(
    peer: string,
    protocol: string,
    body: Uint8Array,
    options: StreamRequestOptions,
  ): AsyncIterableIterator<Uint8Array> {
    const givenUp = new AbortController()
    const frames = new FrameQueue(() => givenUp.abort())
    void this.#receive(frames, { peer, protocol, body, options, givenUp: givenUp.signal })
    return frames
  }

  /** Fills the queue and ends it. Never throws. */
  async #receive(
    frames: FrameQueue,
    what: {
      peer: string
      protocol: string
      body: Uint8Array
      options: StreamRequestOptions
      givenUp: AbortSignal
    },
  ): Promise<void> {
    const { peer, protocol, body, options } = what
    const counters = this.#options.counters.protocol(protocol)
    counters.requested++
    const limit = deadline(options.timeoutMs, options.signal, this.#stopping.signal, what.givenUp)
    let stream: Stream | null = null
    try {
      stream = await this.#open(peer, protocol, body, options, limit.signal)
      const reading = this.#readAll(stream, frames, what, limit.signal)
      const writing = sendRequest(stream, body, limit.signal)
      writing.then(() => (counters.bytesSent += body.length)).catch(error => stream?.abort(error))
      await reading
      closeWithin(stream, LINGER_MS)
      frames.end()
    } catch (error) {
      counters.failed++
      stream?.abort(asError(error))
      frames.end(explain(error, { peer, protocol, limit, stopping: this.#stopping.signal }))
    } finally {
      limit.clear()
    }
  }

  async #open(
    peer: string,
    protocol: string,
    body: Uint8Array,
    { idleMs }: StreamRequestOptions,
    signal: AbortSignal,
  ): Promise<Stream> {
    if (body.length > MAX_BODY_BYTES) throw tooLarge(protocol, body.length)
    const connection = connectionTo(this.#libp2p, peer)
    const opening = deadline(idleMs, signal)
    try {
      const options = { signal: opening.signal, maxOutboundStreams: 256 }
      return await within(connection.newStream(qualify(this.#options.prefix, protocol), options), opening.signal)
    } catch (error) {
      throw explain(error, { peer, protocol, limit: opening, stopping: this.#stopping.signal })
    } finally {
      opening.clear()
    }
  }

  #readAll(
    stream: Stream,
    frames: FrameQueue,
    { peer, protocol, options }: { peer: string; protocol: string; options: StreamRequestOptions },
    signal: AbortSignal,
  ): Promise<void> {
    const counters = this.#options.counters.protocol(protocol)
    const { maxFrameBytes, idleMs } = options
    let left = Math.min(options.maxTotalBytes, MAX_BODY_BYTES)
    const bounds = { maxBytes: maxResponseFrame(maxFrameBytes), idleMs, signal }
    return readFrames(stream, bounds, frame => {
      const response = decodeStreamed(frame)
      if (response === null) return true
      if (response.type !== 'ok') throw remoteError(response, { peer, protocol })
      left -= frameCost(response.body)
      if (left < 0 || response.body.length > maxFrameBytes)
        throw new HydraError('FRAME_TOO_LARGE', 'the stream has more bytes than are taken')
      counters.bytesReceived += response.body.length
      frames.push(response.body)
      return false
    })
  }

  #register(libp2p: Libp2p, name: string, handler: Handler): Promise<void> {
    return libp2p.handle(name, (stream, connection) => this.#serve(handler, stream, connection), {
      maxInboundStreams: this.#options.limits.maxStreamsPerPeer * 2,
    })
  }

  /** Never throws: whatever goes wrong ends this stream, and is counted. */
  async #serve(handler: Handler, stream: Stream, connection: Connection): Promise<void> {
    const { limits, counters } = this.#options
    const peer = connection.remotePeer.toString()
    const { protocol } = handler
    stream.maxReadBufferLength = MAX_UNREAD_BYTES
    const gone = new AbortController()
    const onClose = () => gone.abort(new HydraError('REQUESTER_GONE', 'the requester is gone'))
    stream.addEventListener('close', onClose)
    const limit = deadline(limits.readTimeoutMs + limits.streamTimeoutMs, this.#stopping.signal, gone.signal)
    const admitted = this.#admission.enter(peer)
    try {
      if (admitted !== 'admitted') {
        counters.refuse(admitted, protocol)
        await refuse(stream, admitted === 'busy' ? 'BUSY' : 'RATE_LIMITED', limit.signal)
        return
      }
      const request = await readRequest(this.#options, handler, stream, this.#stopping.signal)
      await this.#answer(handler, { stream, request, peer, signal: limit.signal })
      stream.removeEventListener('close', onClose)
      await within(stream.close({ signal: limit.signal }), limit.signal)
      closeWithin(stream, LINGER_MS)
    } catch (error) {
      // Leaving is everybody's right.
      if (gone.signal.aborted) return
      await turnAway(this.#options, { stream, peer, protocol, error, stopping: this.#stopping.signal })
    } finally {
      limit.clear()
      if (admitted === 'admitted') this.#admission.leave(peer)
    }
  }

  /** Writes what the handler yields, no faster than it is taken, and how it ended. */
  async #answer(
    handler: Handler,
    { stream, request, peer, signal }: { stream: Stream; request: Uint8Array; peer: string; signal: AbortSignal },
  ): Promise<void> {
    const { counters, logger } = this.#options
    const counts = counters.protocol(handler.protocol)
    let left = handler.maxTotalBytes
    let frames: AsyncIterator<Uint8Array> | null = null
    try {
      frames = handler.respond(request, peer, signal)[Symbol.asyncIterator]()
      for (;;) {
        const next = await within(frames.next(), signal)
        if (next.done) break
        const body = next.value
        left -= frameCost(body)
        if (left < 0 || body.length > handler.maxFrameBytes) throw tooLarge(handler.protocol, body.length)
        await writeFrame(stream, encodeResponse({ type: 'ok', body }), signal)
        counts.bytesSent += body.length
      }
      counts.served++
      await writeFrame(stream, END_OF_STREAM, signal)
    } catch (error) {
      // Not waited for: a handler that never ends must not hold the stream.
      void frames?.return?.()?.catch(() => {})
      if (signal.aborted) throw error
      counters.refuse('handlerFailed', handler.protocol)
      logger.debug('a request could not be answered', { protocol: handler.protocol, peer, error: messageOf(error) })
      const code = error instanceof HydraError ? error.code : 'INTERNAL'
      await writeFrame(stream, encodeResponse({ type: 'failed', code }), signal)
    }
  }
}
