import { type Clock, decode, encode, type Hash, hash, list, struct, uintMax } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import type { Logger } from '../ports.ts'
import type { ConsensusHost } from './host.ts'
import { MAX_PARTS, PART_BYTES, partsCodec } from './parts.ts'

const PROTOCOL = 'parts/1'
/** A block whose parts have stopped coming for this long is completed by asking. */
const PATIENCE_MS = 300
const REQUEST_TIMEOUT_MS = 5_000
/** Parts of one answer. */
const MAX_ASKED = 16
const MAX_RESPONSE_BYTES = MAX_ASKED * (PART_BYTES + 512)

const requestCodec = struct({ root: hash, indexes: list(uintMax(MAX_PARTS - 1), { max: MAX_ASKED }) })

export interface PartsPullParts {
  network: Network
  consensus: Pick<ConsensusHost, 'incomplete' | 'missingOf' | 'onParts' | 'partsFor'>
  /** Who may have parts of a block of the height under vote. */
  peers: () => readonly string[]
  clock: Clock
  logger: Logger
  random: () => number
}

/** Asks for the parts of a block under vote that gossip lost, and hands them to those that ask. */
export class PartsPull {
  readonly #parts: PartsPullParts
  readonly #running = new Set<Hash>()
  #stopped = false

  constructor(parts: PartsPullParts) {
    this.#parts = parts
  }

  serve(): void {
    const { network, consensus } = this.#parts
    const limits = { maxRequestBytes: 512, maxResponseBytes: MAX_RESPONSE_BYTES }
    network.handle(PROTOCOL, limits, async request => {
      const { root, indexes } = decode(requestCodec, request)
      return encode(partsCodec, consensus.partsFor(root, indexes))
    })
    consensus.incomplete.add(root => {
      if (this.#running.has(root)) return
      this.#running.add(root)
      this.#watch(root, Number.POSITIVE_INFINITY)
    })
  }

  stop(): void {
    this.#stopped = true
  }

  /** `before`: how many parts were missing when it was last looked at. */
  #watch(root: Hash, before: number): void {
    this.#parts.clock.after(PATIENCE_MS, () => {
      if (this.#stopped) return
      const missing = this.#parts.consensus.missingOf(root)
      if (missing.length === 0) {
        this.#running.delete(root)
        return
      }
      // While gossip still brings parts, asking would only bring them twice.
      const asked = missing.length < before ? Promise.resolve() : this.#ask(root, missing)
      void asked.finally(() => this.#watch(root, missing.length))
    })
  }

  async #ask(root: Hash, missing: readonly number[]): Promise<void> {
    const { network, peers, random, consensus, logger } = this.#parts
    const all = peers()
    const peer = all[Math.floor(random() * all.length)]
    if (peer === undefined) return
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES }
    try {
      const request = encode(requestCodec, { root, indexes: missing.slice(0, MAX_ASKED) })
      consensus.onParts(root, decode(partsCodec, await network.request(peer, PROTOCOL, request, options)))
    } catch (error) {
      logger.debug('no parts pulled', { peer, error: String(error) })
    }
  }
}
