import { CHUNK_BYTES, chunkCountOf, concatBytes, contentIdOf, type Hash, HydraError, isHash, utf8 } from '@hydraai/core'
import type { KeyValueStore, WriteOperation } from '../ports.ts'

/** The largest blob that is stored or served. */
export const MAX_BLOB_BYTES = 256 * 1024 * 1024
/** Chunks in one batch, so that a batch stays at some megabytes. */
const CHUNKS_PER_BATCH = 16

/**
 * Content by its hash (core's contentIdOf), kept in chunks. A blob is there only when all of it is durable.
 *
 * Errors: BLOB_CORRUPT (what is stored is not what the id says), BLOB_TOO_LARGE, and those of the KeyValueStore.
 */
export class BlobStore {
  readonly #db: KeyValueStore

  constructor(db: KeyValueStore) {
    this.#db = db
  }

  /** Stores `bytes`, durably, and returns their id; storing what is there already costs one look-up. */
  async put(bytes: Uint8Array): Promise<Hash> {
    if (bytes.length > MAX_BLOB_BYTES) {
      throw new HydraError('BLOB_TOO_LARGE', `A blob has ${bytes.length} bytes; at most ${MAX_BLOB_BYTES} are stored.`)
    }
    const id = contentIdOf(bytes)
    if (await this.has(id)) return id
    const count = chunkCountOf(bytes.length)
    for (let first = 0; first < count; first += CHUNKS_PER_BATCH) {
      const operations: WriteOperation[] = []
      for (let index = first; index < Math.min(count, first + CHUNKS_PER_BATCH); index++) {
        const value = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
        operations.push({ type: 'put', key: chunkKey(id, index), value })
      }
      await this.#db.batch(operations, { sync: true })
    }
    await this.#db.batch([{ type: 'put', key: sizeKey(id), value: utf8(String(bytes.length)) }], { sync: true })
    return id
  }

  /** The blob named `id`, checked against it; undefined if it is not stored. */
  async get(id: Hash): Promise<Uint8Array | undefined> {
    const size = await this.size(id)
    if (size === undefined) return undefined
    const chunks: Uint8Array[] = []
    for (let index = 0; index < chunkCountOf(size); index++) {
      const chunk = await this.#read(id, chunkKey(id, index))
      if (chunk === undefined) throw blobCorrupt(id)
      chunks.push(chunk)
    }
    const bytes = concatBytes(...chunks)
    if (bytes.length !== size || contentIdOf(bytes) !== id) throw blobCorrupt(id)
    return bytes
  }

  /** Chunk `index` as it is stored, which nothing has checked; undefined if it is not there. */
  async chunk(id: Hash, index: number): Promise<Uint8Array | undefined> {
    if (!isHash(id) || !Number.isSafeInteger(index) || index < 0) return undefined
    return this.#read(id, chunkKey(id, index))
  }

  async has(id: Hash): Promise<boolean> {
    return (await this.size(id)) !== undefined
  }

  /** The bytes in the blob named `id`; undefined if it is not stored. */
  async size(id: Hash): Promise<number | undefined> {
    if (!isHash(id)) return undefined
    const value = await this.#read(id, sizeKey(id))
    if (value === undefined) return undefined
    const text = new TextDecoder().decode(value)
    const size = Number(text)
    if (!/^\d{1,16}$/.test(text) || size > MAX_BLOB_BYTES) throw blobCorrupt(id)
    return size
  }

  /** Removes the blob, a damaged one too; nothing happens if it is not stored. */
  async delete(id: Hash): Promise<void> {
    if (!isHash(id)) return
    // The size, should it be damaged, is not needed: chunks left behind are replaced when the blob is stored again.
    const size = await this.size(id).catch(() => undefined)
    const operations: WriteOperation[] = [{ type: 'del', key: sizeKey(id) }]
    for (let index = 0; size !== undefined && index < chunkCountOf(size); index++) {
      operations.push({ type: 'del', key: chunkKey(id, index) })
    }
    await this.#db.batch(operations, { sync: true })
  }

  /** The ids of all blobs. */
  async *ids(): AsyncIterable<Hash> {
    for await (const [key] of this.#db.range({ gte: 'blob/', lt: 'blob0' })) yield key.slice('blob/'.length) as Hash
  }

  async #read(id: Hash, key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#db.get(key)
    } catch (error) {
      if (error instanceof HydraError && error.code === 'STORAGE_CORRUPT') throw blobCorrupt(id, error)
      throw error
    }
  }
}

function sizeKey(id: Hash): string {
  return `blob/${id}`
}

function chunkKey(id: Hash, index: number): string {
  return `blob-chunk/${id}/${String(index).padStart(8, '0')}`
}

function blobCorrupt(id: Hash, cause?: unknown): HydraError {
  return new HydraError('BLOB_CORRUPT', `The stored content ${id} is damaged.`, {
    advice: 'Delete it and fetch it again from another node. Check the disk for errors if this comes back.',
    cause,
  })
}
