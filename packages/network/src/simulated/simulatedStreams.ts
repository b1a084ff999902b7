import { HydraError } from '@hydraai/core'
import { type Admission, streamAdmission } from '../admission.ts'
import { NetworkError } from '../errors.ts'
import { FrameQueue, frameCost } from '../frameQueue.ts'
import { MAX_BODY_BYTES } from '../limits.ts'
import type { StreamHandler, StreamRequestOptions, StreamServeOptions } from '../network.ts'
import type { SimulatedNetwork } from './simulatedNetwork.ts'
import { answered } from './simulatedRequests.ts'
import type { SimulatedSwitch } from './simulatedSwitch.ts'

/** A stream that breaks does so before one of its first frames. */
const BREAKS_WITHIN_FRAMES = 8

interface Handler extends StreamServeOptions {
  respond: StreamHandler
}

/** What goes from the one who serves to the one who asked. */
type Part = { readonly frame: Uint8Array } | { readonly end: NetworkError | null }

interface Pending {
  readonly peer: string
  fail(error: NetworkError): void
  forget(): void
}

/** Streams with the same limits and the same errors as over libp2p; times are the switch's clock. */
export class SimulatedStreams {
  readonly #switch: SimulatedSwitch
  readonly #node: SimulatedNetwork
  readonly #admission: Admission
  readonly #handlers = new Map<string, Handler>()
  readonly #pending = new Set<Pending>()
  /** What ends the handlers that serve a peer now. */
  readonly #serving = new Set<{ readonly peer: string; readonly end: AbortController }>()

  constructor(owner: SimulatedSwitch, node: SimulatedNetwork) {
    this.#switch = owner
    this.#node = node
    this.#admission = streamAdmission(owner.limits, () => owner.clock.now())
  }

  handle(protocol: string, options: StreamServeOptions, respond: StreamHandler): void {
    if (this.#node.protocols.has(protocol)) {
      throw new NetworkError('NETWORK_STATE', `the protocol ${protocol} has a handler already`)
    }
    if (Math.max(options.maxRequestBytes, options.maxFrameBytes, options.maxTotalBytes) > MAX_BODY_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a stream of ${protocol} may have at most ${MAX_BODY_BYTES} bytes`)
    }
    this.#node.protocols.add(protocol)
    this.#handlers.set(protocol, { ...options, respond })
  }

  request(
    to: SimulatedNetwork | undefined,
    peer: string,
    protocol: string,
    body: Uint8Array,
    options: StreamRequestOptions,
  ): AsyncIterableIterator<Uint8Array> {
    const counters = this.#node.counts.protocol(protocol)
    counters.requested++
    const away = new AbortController()
    // The server hears of it one latency later, if it can be reached.
    const leave = () => {
      if (to !== undefined && !away.signal.aborted) this.#switch.carry(this.#node, to, () => away.abort())
    }
    const stream = this.#open(peer, protocol, options, leave)
    const refused = this.#refusal(to, peer, protocol, body, options.signal)
    if (refused !== null) {
      stream.fail(refused)
      return stream.frames
    }
    counters.bytesSent += body.length
    const fails = this.#switch.chance(this.#switch.conditions.requestFailure)
    const breaksAt = fails ? Math.floor(this.#switch.latency()) % BREAKS_WITHIN_FRAMES : Number.POSITIVE_INFINITY
    const lost = () => stream.fail(new NetworkError('CONNECTION_LOST', `the ${protocol} stream broke off`))
    const packet = body.slice()
    const inOrder = new InOrder(part => stream.take(part))
    this.#switch.carry(this.#node, to!, () => {
      to!.streams.#serve(protocol, packet, this.#node, away.signal, (part, index) => {
        this.#switch.carry(to!, this.#node, index >= breaksAt ? lost : () => inOrder.put(index, part))
      })
    })
    return stream.frames
  }

  /** Ends what is asked of, and served to, the peers for which `errorFor` gives an error. */
  failAll(errorFor: (peer: string) => NetworkError | null): void {
    for (const pending of [...this.#pending]) {
      const error = errorFor(pending.peer)
      if (error !== null) pending.fail(error)
    }
    for (const serving of [...this.#serving]) if (errorFor(serving.peer) !== null) serving.end.abort()
  }

  /** Drops all pending streams; they never end. */
  forgetAll(): void {
    for (const pending of [...this.#pending]) pending.forget()
  }

  #open(peer: string, protocol: string, options: StreamRequestOptions, leave: () => void) {
    const { clock } = this.#switch
    const counters = this.#node.counts.protocol(protocol)
    let left = Math.min(options.maxTotalBytes, MAX_BODY_BYTES)
    let cancelIdle = () => {}
    const forget = () => {
      cancelIdle()
      cancelWhole()
      options.signal?.removeEventListener('abort', onAbort)
      return this.#pending.delete(pending)
    }
    const frames = new FrameQueue(() => {
      if (forget()) leave()
    })
    const fail = (error: NetworkError) => {
      if (!forget()) return
      counters.failed++
      leave()
      frames.end(error)
    }
    const timedOut = () =>
      this.#node.whenAwake(() => fail(new NetworkError('REQUEST_TIMEOUT', `no answer from ${peer} in time`)))
    const pending: Pending = { peer, fail, forget }
    const onAbort = () => fail(new NetworkError('REQUEST_ABORTED', 'the request was given up'))
    const cancelWhole = clock.after(options.timeoutMs, timedOut)
    const wait = () => {
      cancelIdle()
      cancelIdle = clock.after(options.idleMs, timedOut)
    }
    const take = (part: Part) => {
      if (!this.#pending.has(pending)) return
      if ('end' in part) {
        if (part.end !== null) return fail(part.end)
        forget()
        return frames.end()
      }
      left -= frameCost(part.frame)
      if (left < 0 || part.frame.length > options.maxFrameBytes)
        return fail(new NetworkError('REQUEST_FAILED', `the answer to ${protocol} was refused: too large`))
      counters.bytesReceived += part.frame.length
      wait()
      frames.push(part.frame)
    }
    wait()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    // A node that has crashed does not go on: what it awaits stays open.
    if (!this.#node.isCrashed) this.#pending.add(pending)
    return { frames, fail, take }
  }

  #refusal(
    to: SimulatedNetwork | undefined,
    peer: string,
    protocol: string,
    body: Uint8Array,
    signal: AbortSignal | undefined,
  ): NetworkError | null {
    if (signal?.aborted) return new NetworkError('REQUEST_ABORTED', 'the request was given up')
    if (to === undefined) return new NetworkError('PEER_NOT_CONNECTED', `there is no connection to ${peer}`)
    if (body.length > MAX_BODY_BYTES) {
      return new NetworkError('MESSAGE_TOO_LARGE', `a ${protocol} body of ${body.length} bytes is over the limit`)
    }
    return null
  }

  /** Hands every part on with its number; the last is an end. Never throws. */
  async #serve(
    protocol: string,
    request: Uint8Array,
    from: SimulatedNetwork,
    away: AbortSignal,
    send: (part: Part, index: number) => void,
  ): Promise<void> {
    const { counts } = this.#node
    let sent = 0
    const refuse = (error: NetworkError) => send({ end: error }, sent)
    const handler = this.#handlers.get(protocol)
    if (handler === undefined)
      return refuse(new NetworkError('PROTOCOL_UNSUPPORTED', `the peer does not speak ${protocol}`))
    const admitted = this.#admission.enter(from.peerId)
    if (admitted !== 'admitted') {
      counts.refuse(admitted, protocol)
      return refuse(answered('REQUEST_REFUSED', protocol, admitted === 'busy' ? 'BUSY' : 'RATE_LIMITED'))
    }
    const end = new AbortController()
    const serving = { peer: from.peerId, end }
    this.#serving.add(serving)
    const cancel = this.#switch.clock.after(this.#switch.limits.streamTimeoutMs, () => end.abort())
    away.addEventListener('abort', () => end.abort(), { once: true })
    try {
      if (request.length > handler.maxRequestBytes) {
        counts.refuse('oversized', protocol)
        return refuse(answered('REQUEST_REFUSED', protocol, 'TOO_LARGE'))
      }
      counts.protocol(protocol).bytesReceived += request.length
      let left = handler.maxTotalBytes
      for await (const frame of interruptible(() => handler.respond(request, from.peerId, end.signal), end.signal)) {
        left -= frameCost(frame)
        if (left < 0 || frame.length > handler.maxFrameBytes)
          throw new NetworkError('MESSAGE_TOO_LARGE', `a ${protocol} stream has too many bytes`)
        counts.protocol(protocol).bytesSent += frame.length
        send({ frame: frame.slice() }, sent++)
      }
      if (end.signal.aborted) return refuse(new NetworkError('CONNECTION_LOST', `the ${protocol} stream broke off`))
      counts.protocol(protocol).served++
      send({ end: null }, sent)
    } catch (error) {
      counts.refuse('handlerFailed', protocol)
      refuse(answered('REQUEST_FAILED', protocol, error instanceof HydraError ? error.code : 'INTERNAL'))
    } finally {
      cancel()
      this.#serving.delete(serving)
      this.#admission.leave(from.peerId)
    }
  }
}

/** What `make` gives, until the signal aborts; what is under way then is not waited for. */
async function* interruptible(make: () => AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const frames = make()[Symbol.asyncIterator]()
  const aborted = new Promise<null>(resolve => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    for (;;) {
      const upcoming = frames.next()
      upcoming.catch(() => {})
      const next = await Promise.race([upcoming, aborted])
      if (next === null || next.done) return
      yield next.value
    }
  } finally {
    void frames.return?.()?.catch(() => {})
  }
}

/** Packets overtake each other on the way; a stream is read in the order in which it was sent. */
class InOrder {
  readonly #take: (part: Part) => void
  readonly #early = new Map<number, Part>()
  #next = 0

  constructor(take: (part: Part) => void) {
    this.#take = take
  }

  put(index: number, part: Part): void {
    this.#early.set(index, part)
    for (let due = this.#early.get(this.#next); due !== undefined; due = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++)
      this.#take(due)
    }
  }
}
