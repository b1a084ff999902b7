import { type ContentChunk, chunkCountOf, type Hash, HydraError, MerkleTree, verifyChunk } from '@hydraai/core'
import { fetchContent, type Network, serveContent } from '@hydraai/network'
import { type BlobStore, type KeyValueStore, MAX_BLOB_BYTES } from '@hydraai/storage'
import type { Logger } from './ports.ts'
import type { PeerBook } from './sync/peerBook.ts'

const FETCH_TIMEOUT_MS = 60_000
/** What is due but still named is looked at again after so many blocks. */
const AGAIN_AFTER_BLOCKS = 100
/** Blobs whose hashes are kept, to prove their chunks with; the largest has 64 KiB of them. */
const MAX_OPEN = 256

interface OpenBlob {
  readonly size: number
  readonly tree: MerkleTree
}

interface GetOptions {
  readonly onProgress?: (done: number, total: number) => void
  /** More than this is not fetched. */
  readonly maxBytes?: number
}

/**
 * Everything that is addressed by its hash: from the local store, or from whichever peers have it. What comes from
 * outside is checked chunk by chunk before it is stored.
 */
export class Library {
  readonly #blobs: BlobStore
  readonly #db: KeyValueStore
  readonly #network: Network
  readonly #peers: PeerBook
  readonly #logger: Logger
  readonly #fetching = new Map<Hash, Promise<Uint8Array>>()
  readonly #open = new Map<Hash, OpenBlob>()
  readonly #opening = new Map<Hash, Promise<OpenBlob | undefined>>()

  constructor(parts: {
    blobs: BlobStore
    db: KeyValueStore
    network: Network
    peers: PeerBook
    logger: Logger
  }) {
    this.#blobs = parts.blobs
    this.#db = parts.db
    this.#network = parts.network
    this.#peers = parts.peers
    this.#logger = parts.logger
  }

  /** Begins to serve what is stored. */
  start(): void {
    serveContent(this.#network, { chunk: (id, index) => this.#chunk(id, index) })
  }

  put(bytes: Uint8Array): Promise<Hash> {
    return this.#blobs.put(bytes)
  }

  /** Whether the blob is stored here. */
  has(id: Hash): Promise<boolean> {
    return this.#blobs.has(id)
  }

  /** Bytes in the blob; undefined if it is not stored here. */
  size(id: Hash): Promise<number | undefined> {
    return this.#blobs.size(id)
  }

  /** The blob if it is stored here. */
  stored(id: Hash): Promise<Uint8Array | undefined> {
    return this.#stored(id)
  }

  /** The blob, from here or from peers. Throws CONTENT_UNAVAILABLE when nobody gives it in time, CONTENT_TOO_LARGE. */
  async get(id: Hash, options: GetOptions = {}): Promise<Uint8Array> {
    return (await this.#stored(id)) ?? this.#fetch(id, options)
  }

  /** What the disk has spoilt is deleted, so that it can be fetched again. */
  async #stored(id: Hash): Promise<Uint8Array | undefined> {
    try {
      return await this.#blobs.get(id)
    } catch (error) {
      if (!(error instanceof HydraError) || error.code !== 'BLOB_CORRUPT') throw error
      this.#logger.warn('stored content was damaged and is fetched again', { id })
      await this.#blobs.delete(id)
      return undefined
    }
  }

  /** Takes a blob away; nothing happens if it is not stored here. */
  async delete(id: Hash): Promise<void> {
    this.#open.delete(id)
    await this.#blobs.delete(id)
  }

  /** Marks a blob as no longer needed after block `height`. */
  async expire(id: Hash, height: number): Promise<void> {
    await this.#db.batch([{ type: 'put', key: expiryKey(height, id), value: new Uint8Array() }], { sync: false })
  }

  /** Deletes what expired before `height`, except what `needed` still names. */
  async prune(height: number, needed: ReadonlySet<Hash>): Promise<void> {
    const due: string[] = []
    for await (const [key] of this.#db.range({ gte: EXPIRY, lt: expiryKey(height, '' as Hash), limit: 100 }))
      due.push(key)
    for (const key of due) {
      const id = key.slice(-64) as Hash
      if (needed.has(id)) await this.expire(id, height + AGAIN_AFTER_BLOCKS)
      else await this.delete(id)
      await this.#db.batch([{ type: 'del', key }], { sync: false })
    }
  }

  #fetch(id: Hash, options: GetOptions): Promise<Uint8Array> {
    const running = this.#fetching.get(id)
    if (running) return running
    const fetching = this.#fetchAndStore(id, options).finally(() => this.#fetching.delete(id))
    this.#fetching.set(id, fetching)
    return fetching
  }

  async #fetchAndStore(id: Hash, options: GetOptions): Promise<Uint8Array> {
    const bytes = await fetchContent(this.#network, id, {
      peers: () => this.#peers.all().map(peer => peer.peerId),
      maxBytes: MAX_BLOB_BYTES,
      timeoutMs: FETCH_TIMEOUT_MS,
      ...options,
    })
    const stored = await this.#blobs.put(bytes)
    if (stored !== id) throw new HydraError('CONTENT_WRONG', `Fetched ${stored} in place of ${id}.`)
    this.#logger.debug('fetched content', { id, bytes: bytes.length })
    return bytes
  }

  async #chunk(id: Hash, index: number): Promise<ContentChunk | undefined> {
    const blob = this.#open.get(id) ?? (await this.#openOnce(id))
    if (!blob || index >= chunkCountOf(blob.size)) return undefined
    const bytes = await this.#storedChunk(id, index)
    // The one that is asked for goes to the end: what nobody asks for is forgotten first.
    this.#open.delete(id)
    this.#open.set(id, blob)
    const chunk = { size: blob.size, index, bytes, proof: blob.tree.proof(index) }
    if (verifyChunk(id, chunk)) return chunk
    this.#open.delete(id)
    await this.#stored(id)
    return undefined
  }

  /** Many may ask for the chunks of one blob at once; it is read and hashed once. */
  #openOnce(id: Hash): Promise<OpenBlob | undefined> {
    const running = this.#opening.get(id)
    if (running) return running
    const opening = this.#openBlob(id).finally(() => this.#opening.delete(id))
    this.#opening.set(id, opening)
    return opening
  }

  /** Empty when it is missing or damaged, which no proof holds for. */
  async #storedChunk(id: Hash, index: number): Promise<Uint8Array> {
    try {
      return (await this.#blobs.chunk(id, index)) ?? new Uint8Array()
    } catch (error) {
      if (error instanceof HydraError && error.code === 'BLOB_CORRUPT') return new Uint8Array()
      throw error
    }
  }

  async #openBlob(id: Hash): Promise<OpenBlob | undefined> {
    const size = await this.#blobs.size(id)
    if (size === undefined) return undefined
    const chunks: Uint8Array[] = []
    for (let index = 0; index < chunkCountOf(size); index++) chunks.push(await this.#storedChunk(id, index))
    const blob = { size, tree: new MerkleTree(chunks) }
    // One chunk that holds proves the root, and the root proves all of them.
    if (!verifyChunk(id, { size, index: 0, bytes: chunks[0]!, proof: blob.tree.proof(0) })) {
      await this.#stored(id)
      return undefined
    }
    this.#open.set(id, blob)
    const [oldest] = this.#open.keys()
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#open.delete(oldest)
    return blob
  }
}

const EXPIRY = 'expiry/'

function expiryKey(height: number, id: Hash): string {
  return `${EXPIRY}${String(height).padStart(12, '0')}/${id}`
}
