import { type Clock, decode, type Hash, taggedHash, utf8 } from '@hydraai/core'
import { consensusMessageCodec, type HydraNode } from '@hydraai/node'

/** A promise of the protocol that a world broke. */
export class Violation extends Error {}

/**
 * Watches every node of a world: one block a height for ever, nothing committed is lost, no honest node signs two
 * different things for one step. Supply is asserted by the ledger itself at every block.
 */
export class Checker {
  readonly #clock: Clock
  /** The block and state that the first node to get there committed at a height. */
  readonly #agreed = new Map<number, { hash: Hash; state: Hash; by: string }>()
  readonly #heights = new Map<string, number>()
  readonly #signed = new Map<string, string>()
  #history: Hash
  #violation: Violation | null = null

  constructor(parts: { clock: Clock }) {
    this.#clock = parts.clock
    this.#history = taggedHash('simulated history')
  }

  /** A digest of everything that was committed, where and when: equal for equal seeds. */
  get history(): Hash {
    return this.#history
  }

  get highest(): number {
    return Math.max(0, ...this.#agreed.keys())
  }

  heightOf(id: string): number {
    return this.#heights.get(id) ?? 0
  }

  onBoot(id: string, node: HydraNode): void {
    const before = this.heightOf(id)
    if (node.chain.height < before)
      this.#violation ??= new Violation(`${id} lost block ${before}: it came back with block ${node.chain.height}`)
    node.chain.committed.add(({ block, hash }) => {
      this.#heights.set(id, block.header.height)
      this.#compare(id, block.header.height, hash, block.header.state)
      this.#note(`${this.#clock.now()} ${id} committed ${block.header.height} ${hash}`)
    })
  }

  /** `topic` messages as a node sends them: everything it signs for consensus passes here. */
  onMessage(id: string, { topic, data }: { topic: string; data: Uint8Array }): void {
    if (!topic.startsWith('consensus/')) return
    const message = decode(consensusMessageCodec, data)
    const signed = message.type === 'vote' ? message.vote : message.proposal
    const step = 'type' in signed ? signed.type : 'propose'
    const key = `${id} ${signed.height} ${signed.round} ${step}`
    const said = `${signed.valueId}${'validRound' in signed ? ` ${signed.validRound}` : ''}`
    const before = this.#signed.get(key)
    if (before !== undefined && before !== said)
      this.#violation ??= new Violation(`${key}: signed ${before}, then ${said}`)
    this.#signed.set(key, said)
  }

  /** Throws a Violation that a listener would have swallowed. */
  assertSafe(): void {
    if (this.#violation) throw this.#violation
  }

  #compare(id: string, height: number, hash: Hash, state: Hash): void {
    const agreed = this.#agreed.get(height)
    if (!agreed) {
      this.#agreed.set(height, { hash, state, by: id })
      return
    }
    if (agreed.hash === hash && agreed.state === state) return
    this.#violation ??= new Violation(`block ${height}: ${agreed.by} has ${agreed.hash}, ${id} has ${hash}`)
  }

  #note(text: string): void {
    this.#history = taggedHash(this.#history, utf8(text))
  }
}
