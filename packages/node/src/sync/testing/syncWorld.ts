import { commitCodec } from '@hydraai/consensus'
import { CounterRandom, encode, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { blockCodec, genesisHash, type LightBlock } from '@hydraai/ledger'
import { type Network, type RequestHandler, SimulatedSwitch } from '@hydraai/network'
import { BlobStore, memoryStorage, SimulatedDisk, type Storage } from '@hydraai/storage'
import { Chain } from '../../chain/chain.ts'
import { Snapshots } from '../../chain/snapshots.ts'
import { HandClock } from '../../consensus/testing/committee.ts'
import { Library } from '../../library.ts'
import { silentLogger } from '../../ports.ts'
import type { LongChain } from '../../testing/longChain.ts'
import { makeSync } from '../makeSync.ts'
import type { SyncMode, TrustedPoint } from '../options.ts'
import { PeerBook } from '../peerBook.ts'
import { type BlockEntry, blocksResponseCodec, type Status, statusCodec } from '../protocols.ts'
import { noChecker } from '../signatures/checker.ts'

export interface NodeParts {
  /** Where its content is kept. */
  readonly disk?: SimulatedDisk
  readonly storage?: Storage
  readonly mode?: SyncMode
  readonly trust?: TrustedPoint | null
  /** Blocks from one snapshot to the next. */
  readonly every?: number
  /** By protocol: what is answered in place of the honest answer. */
  readonly lies?: Readonly<Record<string, (request: Uint8Array, honest: Uint8Array) => Promise<Uint8Array>>>
}

/** Nodes that only sync, on a clock that the test moves; with liars beside them. */
export class SyncWorld {
  readonly clock = new HandClock()
  readonly long: LongChain
  readonly #wires: SimulatedSwitch

  constructor(long: LongChain) {
    this.long = long
    const random = new CounterRandom(taggedHash('sync tests', utf8('wires')))
    this.#wires = new SimulatedSwitch({ clock: this.clock, random })
  }

  disk(): SimulatedDisk {
    return new SimulatedDisk({ random: { below: () => 0 } })
  }

  /** A chain with all blocks up to `height`, on a disk of its own. */
  async chain(height: number, disk = this.disk()): Promise<Chain> {
    const chain = await Chain.open({ genesis: this.long.genesis, storage: memoryStorage(disk) })
    await chain.appendAll(this.long.blocks.slice(chain.height, height))
    return chain
  }

  /** A node that serves what `chain` holds and fetches what it lacks. Chains of nodes that only serve may be shared. */
  async node(id: string, chain: Chain, options: NodeParts = {}) {
    const { clock } = this
    const { disk = this.disk(), mode = 'auto', trust = null, every = 50 } = options
    const network = lying(this.#wires.network(id), options.lies ?? {})
    const { db } = options.storage ?? memoryStorage(disk)
    const random = new CounterRandom(taggedHash('sync tests', utf8(id)))
    const unit = () => random.uint32() / 2 ** 32
    const peers = new PeerBook({ network, clock, logger: silentLogger, own: () => this.statusOf(chain) })
    const library = new Library({ blobs: new BlobStore(db), db, network, peers, logger: silentLogger })
    const snapshots = new Snapshots({ chain, db, library, logger: silentLogger, every })
    const conflicts: [LightBlock, LightBlock][] = []
    const services = makeSync({
      ...{ network, chain, peers, library, snapshots, clock, logger: silentLogger, random: unit, mode, trust },
      signatures: noChecker,
      onAdvanced: async () => {},
      onConflict: (one, other) => conflicts.push([one, other]),
    })
    await network.start()
    library.start()
    peers.start()
    services.sync.start()
    return { network, chain, peers, library, snapshots, conflicts, ...services }
  }

  statusOf({ tip, lowest }: { tip: { height: number }; lowest: number }): Status {
    const { genesis } = this.long
    return {
      ...{ chainId: genesis.chainId, genesis: genesisHash(genesis), engine: ENGINE_SHA256 },
      ...{ height: tip.height, hash: ZERO_HASH, lowest, name: 'peer', activity: 'synced', serves: [] },
      address: this.long.validators[0]!.address,
    }
  }

  /** A peer that says it has all blocks up to `height`, and answers requests for them in its own way. */
  async peer(
    id: string,
    claims: { height: number; lowest?: number },
    blocks: RequestHandler,
  ): Promise<{ asked: () => number; network: Network }> {
    const network = this.#wires.network(id)
    let asked = 0
    const status = encode(statusCodec, this.statusOf({ tip: claims, lowest: claims.lowest ?? 1 }))
    network.handle('status/1', { maxRequestBytes: 4_096, maxResponseBytes: 4_096 }, async () => status)
    network.handle('blocks/1', { maxRequestBytes: 256, maxResponseBytes: 16_777_216 }, (request, from) => {
      asked++
      return blocks(request, from)
    })
    await network.start()
    return { asked: () => asked, network }
  }

  /** A block of the true chain as it goes over the wire. */
  entry(height: number): BlockEntry {
    const { block, commit } = this.long.blocks[height - 1]!
    return { block: encode(blockCodec, block), commit: encode(commitCodec, commit) }
  }

  entries(from: number, count: number): BlockEntry[] {
    const to = Math.min(this.long.blocks.length, from + count - 1)
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => this.entry(from + i))
  }

  /** Passes time until `done`, at most `ms`; says how long it took. */
  async until(done: () => boolean, ms: number): Promise<number> {
    const start = this.clock.now()
    while (!done() && this.clock.now() < start + ms) await this.clock.advance(50)
    return this.clock.now() - start
  }
}

export function response(entries: readonly BlockEntry[]): Uint8Array {
  return encode(blocksResponseCodec, [...entries])
}

/** The network of a node that answers some requests in another way than its code does. */
function lying(network: Network, lies: NonNullable<NodeParts['lies']>): Network {
  const handle: Network['handle'] = (protocol, limits, respond) => {
    const lie = lies[protocol]
    network.handle(protocol, limits, async (request, from) => {
      const honest = await respond(request, from)
      return lie ? lie(request, honest) : honest
    })
  }
  return new Proxy(network, {
    get(target, property) {
      if (property === 'handle') return handle
      const value = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
