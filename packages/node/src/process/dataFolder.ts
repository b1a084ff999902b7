import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HydraError } from '@hydraai/core'
import { type Genesis, genesisOfJson, genesisToJson } from '@hydraai/ledger'
import { BlobStore, openDiskStorage } from '@hydraai/storage'
import type { Founding } from '../founding/found.ts'

const PEER_KEY_BYTES = 32
const MAX_NOTE_BYTES = 1_024

/** Where a node keeps what: the layout of its data folder. */
export class DataFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The pinned genesis: a node never joins another network from the same folder. */
  get genesisFile(): string {
    return join(this.path, 'genesis.json')
  }

  get storeFolder(): string {
    return join(this.path, 'store')
  }

  get walletFile(): string {
    return join(this.path, 'wallet.json')
  }

  get logFile(): string {
    return join(this.path, 'node.log')
  }

  /** Where the API of the node that runs in this folder is: see {@link api}. */
  get apiFile(): string {
    return join(this.path, 'api.json')
  }

  get tokenFile(): string {
    return join(this.path, 'api-token')
  }

  /** Notes where the running node's API is, for commands beside it; null when it ends. */
  async noteApi(api: { url: string } | null): Promise<void> {
    if (api === null) await rm(this.apiFile, { force: true })
    else await writeWhole(this.apiFile, `${JSON.stringify({ url: api.url, pid: process.pid })}\n`)
  }

  /**
   * The API of the node that runs in this folder, with the token that spends. Undefined when none was noted; one that was
   * killed leaves its note behind, so whoever uses it may find nobody there.
   */
  async api(): Promise<{ url: string; token: string } | undefined> {
    const note = await readIfThere(this.apiFile)
    const token = await readIfThere(this.tokenFile)
    if (note === undefined || token === undefined || note.length > MAX_NOTE_BYTES) return undefined
    const url = urlOf(note.toString('utf8'))
    return url === undefined ? undefined : { url, token: token.toString('utf8').trim() }
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 })
  }

  /** The genesis this folder is pinned to, or undefined in a new one. */
  async genesis(): Promise<Genesis | undefined> {
    const text = await readIfThere(this.genesisFile)
    return text === undefined ? undefined : genesisOfJson(text.toString('utf8'))
  }

  async pin(genesis: Genesis): Promise<void> {
    await this.create()
    await writeWhole(this.genesisFile, genesisToJson(genesis))
  }

  /** Stores what the genesis names, then pins the genesis: afterwards the folder is that of a founder. */
  async install({ genesis, blobs }: Founding): Promise<void> {
    await this.create()
    const storage = await openDiskStorage(this.storeFolder)
    try {
      const store = new BlobStore(storage.db)
      for (const blob of blobs) await store.put(blob)
    } finally {
      await storage.close()
    }
    await this.pin(genesis)
  }

  /** The seed of the node's peer id, made on first use. It is not the wallet's key: a peer id is public. */
  async peerKey(): Promise<Uint8Array> {
    const path = join(this.path, 'peer.key')
    const known = await readIfThere(path)
    if (known) {
      if (known.length !== PEER_KEY_BYTES)
        throw new HydraError('PEER_KEY_INVALID', `${path} is damaged: ${known.length} bytes instead of 32.`, {
          advice: 'Delete it; the node makes a new one and is known to its peers under a new id.',
        })
      return new Uint8Array(known)
    }
    await this.create()
    const key = randomBytes(PEER_KEY_BYTES)
    await writeWhole(path, key)
    return new Uint8Array(key)
  }
}

/** Only of this machine: the token must not go anywhere else. */
function urlOf(note: string): string | undefined {
  try {
    const { url } = JSON.parse(note) as { url?: unknown }
    return typeof url === 'string' && /^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(url) ? url : undefined
  } catch {
    return undefined
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Written beside and moved into place: a reader sees the old content or the new, never half of it. Mode 600. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.new`
  await writeFile(beside, content, { mode: 0o600, flush: true })
  await chmod(beside, 0o600)
  await rename(beside, path)
}
