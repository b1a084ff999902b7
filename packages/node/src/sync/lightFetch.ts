import { decode, encode, type Hash, HydraError } from '@hydraai/core'
import {
  bisect,
  DEFAULT_CLOCK_LEAD_MS,
  defaultTrustingPeriod,
  type LightBlock,
  type LightOptions,
  makeLightStore,
  offerLightBlock,
  type Trusted,
  trustBlock,
  trustedOf,
  trustGenesis,
  verifySkipping,
} from '@hydraai/ledger'
import type { Chain } from '../chain/chain.ts'
import { lightBlockAt } from '../chain/lightBlocks.ts'
import { LIGHT_PROTOCOL } from './lightServer.ts'
import type { TrustedPoint } from './options.ts'
import type { PeerAsker } from './peerAsker.ts'
import { lightRequestCodec, lightResponseCodec, MAX_LIGHT_BYTES } from './protocols.ts'

/** Other peers that are asked whether they know the same block. */
const WITNESSES = 2
/** Blocks that are fetched for one target, beyond what bisection needs with honest peers. */
const MAX_FETCHES = 200

export interface Believed {
  readonly block: LightBlock
  readonly hash: Hash
}

/**
 * Learns which block of a height is final, from what this node believes already: its own chain, the genesis, and a
 * block that its owner named. Asks several peers; whoever is proved wrong is left alone.
 */
export class LightFetch {
  readonly #chain: Chain
  readonly #asker: PeerAsker
  readonly #now: () => number
  readonly #trust: TrustedPoint | null
  readonly #options: LightOptions
  /** Called with two blocks of one height that were both decided. */
  readonly #onConflict: (one: LightBlock, other: LightBlock) => void

  constructor(parts: {
    chain: Chain
    asker: PeerAsker
    now: () => number
    trust: TrustedPoint | null
    onConflict: (one: LightBlock, other: LightBlock) => void
  }) {
    const { parameters } = parts.chain.genesis
    this.#chain = parts.chain
    this.#asker = parts.asker
    this.#now = parts.now
    this.#trust = parts.trust
    this.#options = { trustingPeriodMs: defaultTrustingPeriod(parameters), maxClockLeadMs: DEFAULT_CLOCK_LEAD_MS }
    this.#onConflict = parts.onConflict
  }

  /**
   * The final block of `height`.
   * @throws HydraError LIGHT_TRUST_EXPIRED, LIGHT_BLOCK_MISSING (nobody shows one that holds), LIGHT_FORK
   */
  async believe(height: number): Promise<Believed> {
    let store = makeLightStore(...(await this.#anchors(height)))
    const shown = new Map<number, { peer: string; block: LightBlock }>()
    for (let fetches = 0; fetches < MAX_FETCHES; fetches++) {
      try {
        const step = bisect(store, height, this.#now(), this.#options)
        store = step.store
        if ('done' in step) {
          const { peer, block } = shown.get(height) ?? (await this.#fetch(height, step.done.hash))
          const base = step.store.trusted.findLast(trusted => trusted.height < height)
          if (base) await this.#confirm(block, base, peer)
          return { block, hash: step.done.hash }
        }
        const found = await this.#fetch(step.want)
        shown.set(step.want, found)
        store = offerLightBlock(store, found.block)
      } catch (error) {
        if (!(error instanceof HydraError) || error.code !== 'LIGHT_BLOCK_INVALID') throw error
        const liar = shown.get(Number(error.details?.height))
        if (liar === undefined) throw error
        this.#asker.lied(liar.peer, error)
        store = makeLightStore(...(store.trusted as [Trusted, ...Trusted[]]))
      }
    }
    throw missing(height)
  }

  /** What is believed without asking: the genesis, the tip of the own chain, and what the owner named. */
  async #anchors(height: number): Promise<[Trusted, ...Trusted[]]> {
    const anchors: [Trusted, ...Trusted[]] = [trustGenesis(this.#chain.genesis)]
    const tip =
      this.#chain.height > 0 && this.#chain.height < height
        ? await lightBlockAt(this.#chain, this.#chain.height)
        : undefined
    if (tip) anchors.push(trustedOf(tip))
    const trust = this.#trust
    if (trust !== null && trust.height <= height && trust.height > this.#chain.height) {
      const named = await this.#asker.first(
        candidate => candidate.height >= trust.height,
        async peer => {
          const block = await this.#ask(peer, trust.height)
          return block && trustBlock(block, trust.hash)
        },
      )
      if (named) anchors.push(named.value)
    }
    return anchors
  }

  /** Asks others for the same height. A block that also holds, but is another, means that the chain has forked. */
  async #confirm(block: LightBlock, base: Trusted, server: string): Promise<void> {
    const { height } = block.header
    const { hash } = trustedOf(block)
    const witnesses = this.#asker.candidates(height).filter(peer => peer !== server)
    for (const witness of witnesses.slice(0, WITNESSES)) {
      const other = await this.#ask(witness, height).catch(error => this.#asker.blame(witness, error))
      if (other === null || trustedOf(other).hash === hash) continue
      if (!this.#holds(base, other)) {
        this.#asker.lied(witness, new HydraError('LIGHT_BLOCK_INVALID', 'It shows a block that nobody decided.'))
        continue
      }
      this.#onConflict(block, other)
      throw new HydraError('LIGHT_FORK', `Two blocks of height ${height} were both decided.`, {
        advice: 'Ask somebody you trust for the hash of a recent block, and start again with it as --trust.',
      })
    }
  }

  #holds(base: Trusted, block: LightBlock): boolean {
    try {
      return verifySkipping(base, block, this.#now(), this.#options) !== null
    } catch {
      return false
    }
  }

  /** The light block from the first peer that shows one; only that of `hash` if it is given. */
  async #fetch(height: number, hash?: Hash): Promise<{ peer: string; block: LightBlock }> {
    const found = await this.#asker.first(
      peer => peer.height >= height && peer.lowest <= height,
      async peer => {
        const block = await this.#ask(peer, height)
        return block && (hash === undefined || trustedOf(block).hash === hash) ? block : null
      },
    )
    if (found === null) throw missing(height)
    return { peer: found.peer, block: found.value }
  }

  async #ask(peer: string, height: number): Promise<LightBlock | null> {
    const response = await this.#asker.ask(peer, LIGHT_PROTOCOL, encode(lightRequestCodec, height), MAX_LIGHT_BYTES)
    const block = decode(lightResponseCodec, response, { maxBytes: MAX_LIGHT_BYTES })
    if (block !== null && block.header.height !== height)
      throw new HydraError('LIGHT_BLOCK_INVALID', `It sent the light block ${block.header.height} for ${height}.`)
    return block
  }
}

function missing(height: number): HydraError {
  return new HydraError('LIGHT_BLOCK_MISSING', `No peer shows a block ${height} that holds.`, {
    advice: 'Wait for more peers, or give the height and hash of a recent block with --trust.',
  })
}
