import { commitCodec } from '@hydraai/consensus'
import { CounterRandom, encode, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { blockCodec, genesisHash } from '@hydraai/ledger'
import { type Network, type RequestHandler, SimulatedSwitch } from '@hydraai/network'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { Chain } from '../../chain/chain.ts'
import { HandClock } from '../../consensus/testing/committee.ts'
import { silentLogger } from '../../ports.ts'
import type { LongChain } from '../../testing/longChain.ts'
import { BlockSync } from '../blockSync.ts'
import { PeerBook } from '../peerBook.ts'
import { type BlockEntry, blocksResponseCodec, type Status, statusCodec } from '../protocols.ts'

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
  async node(id: string, chain: Chain) {
    const network = this.#wires.network(id)
    const { clock } = this
    const peers = new PeerBook({ network, clock, logger: silentLogger, own: () => this.statusOf(chain) })
    const random = new CounterRandom(taggedHash('sync tests', utf8(id)))
    const sync = new BlockSync({
      ...{ network, chain, peers, clock, logger: silentLogger },
      random: () => random.uint32() / 2 ** 32,
      onAdvanced: async () => {},
    })
    await network.start()
    peers.start()
    sync.start()
    return { network, chain, peers, sync }
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
