import { HydraError } from '@hydraai/core'
import { Admission } from '../admission.ts'
import { NetworkError } from '../errors.ts'
import { MAX_BODY_BYTES } from '../limits.ts'
import type { RequestHandler, RequestOptions } from '../network.ts'
import type { SimulatedNetwork } from './simulatedNetwork.ts'
import type { SimulatedSwitch } from './simulatedSwitch.ts'

interface Handler {
  maxRequestBytes: number
  maxResponseBytes: number
  respond: RequestHandler
}

interface Pending {
  peer: string
  succeed(body: Uint8Array): void
  fail(error: NetworkError): void
  forget(): void
}

/** Requests with the same limits and the same errors as over libp2p; times are the switch's clock. */
export class SimulatedRequests {
  readonly #switch: SimulatedSwitch
  readonly #node: SimulatedNetwork
  readonly #admission: Admission
  readonly #handlers = new Map<string, Handler>()
  readonly #pending = new Set<Pending>()

  constructor(owner: SimulatedSwitch, node: SimulatedNetwork) {
    this.#switch = owner
    this.#node = node
    this.#admission = new Admission(owner.limits, () => owner.clock.now())
  }

  handle(protocol: string, options: { maxRequestBytes: number; maxResponseBytes: number }, respond: RequestHandler) {
    if (this.#node.protocols.has(protocol)) {
      throw new NetworkError('NETWORK_STATE', `the protocol ${protocol} has a handler already`)
    }
    if (options.maxRequestBytes > MAX_BODY_BYTES || options.maxResponseBytes > MAX_BODY_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a body of ${protocol} may have at most ${MAX_BODY_BYTES} bytes`)
    }
    this.#node.protocols.add(protocol)
    this.#handlers.set(protocol, { ...options, respond })
  }

  request(
    to: SimulatedNetwork | undefined,
    peer: string,
    protocol: string,
    body: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array> {
    const counters = this.#node.counts.protocol(protocol)
    counters.requested++
    return new Promise((resolve, reject) => {
      const pending = this.#open(peer, options, resolve, error => {
        counters.failed++
        reject(error)
      })
      const refused = this.#refusal(to, peer, protocol, body, options.signal)
      if (refused !== null) return pending.fail(refused)
      counters.bytesSent += body.length
      const [fails, handledFirst] = [
        this.#switch.chance(this.#switch.conditions.requestFailure),
        this.#switch.chance(0.5),
      ]
      const lost = () => pending.fail(new NetworkError('CONNECTION_LOST', `the ${protocol} request broke off`))
      const reply = (arrive: () => void) => this.#switch.carry(to!, this.#node, fails ? lost : arrive)
      const packet = body.slice()
      this.#switch.carry(this.#node, to!, () => {
        if (fails && !handledFirst) return lost()
        void to!.requests.#serve(protocol, packet, this.#node.peerId).then(
          response =>
            reply(() => {
              if (response.length > options.maxResponseBytes) {
                return pending.fail(
                  new NetworkError('REQUEST_FAILED', `the answer to ${protocol} was refused: too large`),
                )
              }
              counters.bytesReceived += response.length
              pending.succeed(response)
            }),
          (error: NetworkError) => reply(() => pending.fail(error)),
        )
      })
    })
  }

  /** Ends the pending requests for which `errorFor` gives an error. */
  failAll(errorFor: (peer: string) => NetworkError | null): void {
    for (const pending of [...this.#pending]) {
      const error = errorFor(pending.peer)
      if (error !== null) pending.fail(error)
    }
  }

  /** Drops all pending requests; they never settle. */
  forgetAll(): void {
    for (const pending of [...this.#pending]) pending.forget()
  }

  #open(
    peer: string,
    { timeoutMs, signal }: RequestOptions,
    resolve: (body: Uint8Array) => void,
    reject: (error: NetworkError) => void,
  ): Pending {
    const forget = () => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
      return this.#pending.delete(pending)
    }
    const pending: Pending = {
      peer,
      succeed: body => forget() && resolve(body),
      fail: error => forget() && reject(error),
      forget,
    }
    const onAbort = () => pending.fail(new NetworkError('REQUEST_ABORTED', 'the request was given up'))
    const timedOut = () => pending.fail(new NetworkError('REQUEST_TIMEOUT', `no answer from ${peer} in time`))
    const cancel = this.#switch.clock.after(timeoutMs, () => this.#node.whenAwake(timedOut))
    signal?.addEventListener('abort', onAbort, { once: true })
    // A node that has crashed does not go on: what it awaits stays open.
    if (!this.#node.isCrashed) this.#pending.add(pending)
    return pending
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

  /** @throws NetworkError only */
  async #serve(protocol: string, request: Uint8Array, from: string): Promise<Uint8Array> {
    const counts = this.#node.counts
    const handler = this.#handlers.get(protocol)
    if (handler === undefined) throw new NetworkError('PROTOCOL_UNSUPPORTED', `the peer does not speak ${protocol}`)
    const admitted = this.#admission.enter(from)
    if (admitted !== 'admitted') {
      counts.refuse(admitted, protocol)
      throw answered('REQUEST_REFUSED', protocol, admitted === 'busy' ? 'BUSY' : 'RATE_LIMITED')
    }
    try {
      if (request.length > handler.maxRequestBytes) {
        counts.refuse('oversized', protocol)
        throw answered('REQUEST_REFUSED', protocol, 'TOO_LARGE')
      }
      counts.protocol(protocol).bytesReceived += request.length
      const response = await call(handler, request, from).catch((error: unknown) => {
        counts.refuse('handlerFailed', protocol)
        throw answered('REQUEST_FAILED', protocol, error instanceof HydraError ? error.code : 'INTERNAL')
      })
      if (response.length > handler.maxResponseBytes) {
        counts.refuse('handlerFailed', protocol)
        throw answered('REQUEST_FAILED', protocol, 'MESSAGE_TOO_LARGE')
      }
      counts.protocol(protocol).served++
      counts.protocol(protocol).bytesSent += response.length
      return response.slice()
    } finally {
      this.#admission.leave(from)
    }
  }
}

/** A handler that throws at once, not by its promise, fails in the same way. */
async function call(handler: Handler, request: Uint8Array, from: string): Promise<Uint8Array> {
  return handler.respond(request, from)
}

/** What the other side said in place of an answer. */
export function answered(
  code: 'REQUEST_FAILED' | 'REQUEST_REFUSED',
  protocol: string,
  remoteCode: string,
): NetworkError {
  const said = code === 'REQUEST_FAILED' ? 'failed to answer' : 'refused'
  return new NetworkError(code, `the peer ${said} a ${protocol} request: ${remoteCode}`, {
    details: { remoteCode, protocol },
  })
}
