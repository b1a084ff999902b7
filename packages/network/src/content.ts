import {
  CHUNK_BYTES,
  type ContentChunk,
  chunkCountOf,
  concatBytes,
  contentChunkCodec,
  decode,
  encode,
  fromHex,
  type Hash,
  HydraError,
  isHash,
  nullable,
  toHex,
  u32be,
  verifyChunk,
} from '@hydraai/core'
import { NetworkError } from './errors.ts'
import type { Network } from './network.ts'

/** A request is the id's 32 bytes and the chunk's index, the response a chunk or null. */
export const CONTENT_PROTOCOL = 'content/1'
const REQUEST_BYTES = 36
/** Room for the proof (at most 64 hashes of 34 bytes) and the names of the fields. */
const MAX_RESPONSE_BYTES = CHUNK_BYTES + 4096
/** Requests to one peer at the same time: the next is on its way while one is being checked. */
const REQUESTS_PER_PEER = 2
/** A chunk takes at most this long, or the peer is too slow. */
const CHUNK_TIMEOUT_MS = 10_000
/** Failures in a row after which a peer is given up. */
const MAX_STRIKES = 3

const responseCodec = nullable(contentChunkCodec)

/** Serves chunks of what is stored here. */
export function serveContent(
  network: Network,
  blobs: { chunk(id: Hash, index: number): Promise<ContentChunk | undefined> },
): void {
  const limits = { maxRequestBytes: REQUEST_BYTES, maxResponseBytes: MAX_RESPONSE_BYTES }
  network.handle(CONTENT_PROTOCOL, limits, async request => {
    if (request.length !== REQUEST_BYTES) {
      throw new NetworkError('CONTENT_INVALID', `a content request has ${REQUEST_BYTES} bytes, not ${request.length}`)
    }
    const id = toHex(request.subarray(0, 32)) as Hash
    const index = new DataView(request.buffer, request.byteOffset).getUint32(32)
    return encode(responseCodec, (await blobs.chunk(id, index)) ?? null)
  })
}

export interface FetchOptions {
  /** Who may have it, the likeliest first; asked again whenever someone is needed. */
  peers(): string[]
  maxBytes: number
  /** How long one chunk may take at one peer; at most ten seconds are given. */
  timeoutMs: number
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

/**
 * Fetches content by its id from several peers at once. Every chunk is checked as it arrives, so what is returned is
 * right whoever sent it. A peer that lies is dropped, one that is slow or fails is given up after a few tries, and its
 * chunks are asked of the others; it ends with the last peer, so it never waits for ever.
 *
 * @throws NetworkError `CONTENT_UNAVAILABLE` (nobody had it all), `CONTENT_TOO_LARGE`, `CONTENT_INVALID` (no content
 *   has this id), `REQUEST_ABORTED`, `NETWORK_STOPPED`
 */
export function fetchContent(network: Network, id: Hash, options: FetchOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (!isHash(id)) return reject(new NetworkError('CONTENT_INVALID', `${JSON.stringify(id)} is no content id`))
    new Fetch(network, id, options, resolve, reject).start()
  })
}

interface Source {
  active: number
  strikes: number
  lost: boolean
}

/** One running fetch. The first chunk that holds tells the size; from then on all are asked for. */
class Fetch {
  readonly #network: Network
  readonly #id: Hash
  readonly #options: FetchOptions
  readonly #resolve: (bytes: Uint8Array) => void
  readonly #reject: (error: Error) => void
  readonly #sources = new Map<string, Source>()
  /** Chunks that are not here yet, with the peers being asked for each. */
  readonly #missing = new Map<number, Set<string>>([[0, new Set()]])
  readonly #stopping = new AbortController()
  #bytes: Uint8Array | null = null
  #total = 0
  #over = false
  #lastError: unknown

  constructor(
    network: Network,
    id: Hash,
    options: FetchOptions,
    resolve: (bytes: Uint8Array) => void,
    reject: (error: Error) => void,
  ) {
    this.#network = network
    this.#id = id
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  start(): void {
    const { signal } = this.#options
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (signal?.aborted) this.#onAbort()
    this.#advance()
  }

  readonly #onAbort = () => {
    const cause = this.#options.signal?.reason
    this.#fail(new NetworkError('REQUEST_ABORTED', 'the fetch was given up', { cause }))
  }

  /** Gives every free peer something to fetch; ends when nobody is left. */
  #advance(): void {
    if (this.#over) return
    for (const peer of this.#options.peers()) {
      if (!this.#sources.has(peer)) this.#sources.set(peer, { active: 0, strikes: 0, lost: false })
    }
    // One request to each before a second to any, so that the load spreads.
    for (let round = 0; round < REQUESTS_PER_PEER; round++) {
      for (const [peer, source] of this.#sources) {
        if (source.lost || source.active > round) continue
        const index = this.#choose(peer)
        if (index !== null) void this.#ask(peer, source, index)
      }
    }
    if ([...this.#sources.values()].every(source => source.active === 0)) {
      const message = `no connected peer has all of the content ${this.#id}`
      this.#fail(
        new NetworkError('CONTENT_UNAVAILABLE', message, {
          cause: this.#lastError,
          advice: 'Try again when more peers are connected.',
          details: { asked: this.#sources.size },
        }),
      )
    }
  }

  /** The missing chunk that the fewest are being asked for, and not this peer; so a slow one is doubled at the end. */
  #choose(peer: string): number | null {
    let best: number | null = null
    let fewest = 2
    for (const [index, asked] of this.#missing) {
      if (asked.size >= fewest || asked.has(peer)) continue
      best = index
      fewest = asked.size
      if (fewest === 0) break
    }
    return best
  }

  async #ask(peer: string, source: Source, index: number): Promise<void> {
    source.active++
    this.#missing.get(index)?.add(peer)
    try {
      const response = await this.#network.request(
        peer,
        CONTENT_PROTOCOL,
        concatBytes(fromHex(this.#id), u32be(index)),
        {
          timeoutMs: Math.min(CHUNK_TIMEOUT_MS, this.#options.timeoutMs),
          maxResponseBytes: MAX_RESPONSE_BYTES,
          signal: this.#stopping.signal,
        },
      )
      this.#take(source, index, response)
    } catch (error) {
      this.#lastError = error
      this.#blame(source, error)
    } finally {
      source.active--
      this.#missing.get(index)?.delete(peer)
      this.#advance()
    }
  }

  /** @throws HydraError CODEC_INVALID, CONTENT_INVALID */
  #take(source: Source, index: number, response: Uint8Array): void {
    const chunk = decode(responseCodec, response, { maxBytes: MAX_RESPONSE_BYTES })
    if (chunk === null) {
      // It does not have it; it may have other things, but nothing of this.
      source.lost = true
      return
    }
    if (chunk.index !== index || !verifyChunk(this.#id, chunk)) {
      throw new NetworkError('CONTENT_INVALID', `chunk ${index} of ${this.#id} is not what its id says`)
    }
    source.strikes = 0
    if (this.#over || !this.#missing.has(index)) return
    if (this.#bytes === null && !this.#begin(chunk.size)) return
    this.#bytes!.set(chunk.bytes, index * CHUNK_BYTES)
    this.#missing.delete(index)
    this.#options.onProgress?.(this.#total - this.#missing.size, this.#total)
    if (this.#missing.size === 0) this.#finish(() => this.#resolve(this.#bytes!))
  }

  /** The size is part of the id, so the first chunk that holds is to be believed. */
  #begin(size: number): boolean {
    const { maxBytes } = this.#options
    if (size > maxBytes) {
      const message = `the content ${this.#id} has ${size} bytes, more than the ${maxBytes} allowed`
      this.#fail(new NetworkError('CONTENT_TOO_LARGE', message))
      return false
    }
    this.#bytes = new Uint8Array(size)
    this.#total = chunkCountOf(size)
    for (let i = 1; i < this.#total; i++) this.#missing.set(i, new Set())
    return true
  }

  #blame(source: Source, error: unknown): void {
    const code = error instanceof HydraError ? error.code : ''
    if (code === 'NETWORK_STOPPED') this.#fail(error as NetworkError)
    // What was not right was a lie; what cannot be asked has nothing; all else may be better next time.
    const isFinal = ['CONTENT_INVALID', 'CODEC_INVALID', 'PEER_NOT_CONNECTED', 'PROTOCOL_UNSUPPORTED'].includes(code)
    source.strikes += code === 'REQUEST_TIMEOUT' ? 2 : 1
    if (isFinal || source.strikes >= MAX_STRIKES) source.lost = true
  }

  #fail(error: NetworkError): void {
    this.#finish(() => this.#reject(error))
  }

  #finish(settle: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    settle()
    // Whoever is still being asked for a chunk that came from elsewhere need not go on.
    this.#stopping.abort()
  }
}
