import { decode, encode, type Hash, HydraError } from '@hydraai/core'
import { blockCodec, blockHash, decodeState, eventsCodec, type LedgerState, stateRoot } from '@hydraai/ledger'
import { MAX_BLOB_BYTES } from '@hydraai/storage'
import type { Chain, VerifiedSnapshot } from '../chain/chain.ts'
import type { Snapshot, Snapshots } from '../chain/snapshots.ts'
import { isWholeBlock } from '../chain/wholeBlock.ts'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import type { Believed, LightFetch } from './lightFetch.ts'
import type { PeerAsker } from './peerAsker.ts'
import { MAX_SNAPSHOTS_BYTES, snapshotsRequestCodec, snapshotsResponseCodec } from './protocols.ts'
import { SNAPSHOTS_PROTOCOL } from './snapshotServer.ts'

/** Peers that are asked what they offer. */
const ASKED = 8
/** Heights that are tried, the newest first, before the node gives up for now. */
const MAX_HEIGHTS = 4

interface Offer extends Snapshot {
  readonly peers: string[]
}

export interface SnapshotSyncParts {
  readonly chain: Chain
  readonly asker: PeerAsker
  readonly light: LightFetch
  readonly library: Library
  readonly snapshots: Snapshots
  readonly logger: Logger
}

/**
 * Goes on from the state that others took of a block. First the light client finds out which block of that height is
 * final; then only a state with the root that its header names is taken. Peers decide nothing here.
 */
export class SnapshotSync {
  readonly #parts: SnapshotSyncParts

  constructor(parts: SnapshotSyncParts) {
    this.#parts = parts
  }

  /**
   * Takes the newest snapshot that lies at least `gain` blocks ahead. False when there is none that holds.
   * @throws HydraError LIGHT_TRUST_EXPIRED, LIGHT_FORK, and what the own disk has to say
   */
  async run(gain: number): Promise<boolean> {
    const { chain, logger } = this.#parts
    const offers = await this.#offers()
    const heights = [...new Set(offers.map(({ height }) => height))].sort((a, b) => b - a)
    for (const height of heights.filter(height => height >= chain.height + gain).slice(0, MAX_HEIGHTS)) {
      try {
        if (await this.#takeOneOf(offers.filter(offer => offer.height === height))) return true
      } catch (error) {
        if (!(error instanceof HydraError) || error.code !== 'LIGHT_BLOCK_MISSING') throw error
        logger.warn('no light block for a snapshot', { height, error: error.message })
      }
    }
    return false
  }

  /** What peers offer, each content once with all who offer it. */
  async #offers(): Promise<Offer[]> {
    const { asker, chain } = this.#parts
    const offers = new Map<string, Offer>()
    const asked = asker.candidates(chain.height + 1).slice(0, ASKED)
    const answers = asked.map(peer => this.#ask(peer, null).catch(error => asker.blame(peer, error)))
    for (const [i, answer] of (await Promise.all(answers)).entries()) {
      for (const snapshot of answer?.offers ?? []) {
        if (snapshot.bytes > MAX_BLOB_BYTES) continue
        const key = `${snapshot.height} ${snapshot.hash} ${snapshot.id} ${snapshot.bytes}`
        const offer = offers.get(key) ?? { ...snapshot, peers: [] }
        offer.peers.push(asked[i]!)
        offers.set(key, offer)
      }
    }
    return [...offers.values()]
  }

  /** Offers of one height, those of most peers first: at most one of them is the true one. */
  async #takeOneOf(offers: readonly Offer[]): Promise<boolean> {
    const { light, asker } = this.#parts
    const believed = await light.believe(offers[0]!.height)
    const byPeers = offers.toSorted((a, b) => b.peers.length - a.peers.length)
    for (const offer of byPeers) {
      try {
        if (offer.hash !== believed.hash)
          throw new HydraError('SNAPSHOT_WRONG', `The snapshot is of another block ${offer.height}.`)
        if (await this.#take(offer, believed)) return true
      } catch (error) {
        if (!(error instanceof HydraError) || error.code !== 'SNAPSHOT_WRONG') throw error
        for (const peer of offer.peers) asker.lied(peer, error)
      }
    }
    return false
  }

  /** False when the content or the block could not be had; throws SNAPSHOT_WRONG when it is not the true state. */
  async #take(offer: Offer, believed: Believed): Promise<boolean> {
    const { chain, snapshots, logger } = this.#parts
    const state = await this.#fetchState(offer, believed)
    const rest = state && (await this.#fetchBlock(offer, believed.hash))
    if (!state || !rest) return false
    await chain.restore({ ...rest, hash: believed.hash, commit: believed.block.commit, state })
    const { peers: _, ...snapshot } = offer
    await snapshots.keep(snapshot)
    logger.info('went on from a snapshot', { height: offer.height, bytes: offer.bytes })
    return true
  }

  async #fetchState(offer: Offer, { block, hash }: Believed): Promise<LedgerState | null> {
    const { library, logger } = this.#parts
    const bytes = await library.get(offer.id, { maxBytes: offer.bytes }).catch(error => {
      if (!(error instanceof HydraError) || error.code.startsWith('STORAGE_')) throw error
      logger.warn('a snapshot could not be fetched', { height: offer.height, error: error.message })
      return null
    })
    if (bytes === null) return null
    try {
      const state = decodeState(bytes)
      if (state.blockHash === hash && stateRoot(state) === block.header.state) return state
    } catch (error) {
      if (!(error instanceof HydraError) || error.code !== 'STATE_INVALID') throw error
    }
    await library.delete(offer.id)
    throw new HydraError('SNAPSHOT_WRONG', `The snapshot of block ${offer.height} is not the state after it.`)
  }

  /** The block with its events, which its header covers. */
  async #fetchBlock(offer: Offer, hash: Hash): Promise<Pick<VerifiedSnapshot, 'block' | 'events'> | null> {
    const found = await this.#parts.asker.first(
      ({ peerId }) => offer.peers.includes(peerId),
      async peer => {
        const answer = await this.#ask(peer, offer.height)
        if (answer.block === null) return null
        const block = decode(blockCodec, answer.block.block)
        const events = decode(eventsCodec, answer.block.events)
        if (blockHash(block.header) !== hash || !isWholeBlock(block, events))
          throw new HydraError('SNAPSHOT_WRONG', `It sent another block ${offer.height}.`)
        return { block, events }
      },
    )
    return found?.value ?? null
  }

  async #ask(peer: string, height: number | null) {
    const request = encode(snapshotsRequestCodec, height)
    const response = await this.#parts.asker.ask(peer, SNAPSHOTS_PROTOCOL, request, MAX_SNAPSHOTS_BYTES)
    return decode(snapshotsResponseCodec, response, { maxBytes: MAX_SNAPSHOTS_BYTES })
  }
}
