import type { Logger } from '../ports.ts'
import type { Chain } from './chain.ts'

/** Fewer are not kept: whoever takes a snapshot from this node finds the blocks after it here too. */
export const MIN_KEEP_BLOCKS = 1_000
/** Blocks that one write forgets. */
const BLOCKS_AT_ONCE = 50

/** Forgets old blocks, a few at a time, as new ones come. */
export class Pruner {
  readonly #chain: Chain
  readonly #keep: number
  readonly #logger: Logger
  #running = false
  #stopped = false

  /** `keep`: how many of the latest blocks stay. */
  constructor(parts: { chain: Chain; keep: number; logger: Logger }) {
    this.#chain = parts.chain
    this.#keep = parts.keep
    this.#logger = parts.logger
  }

  start(): void {
    this.#chain.committed.add(() => {
      if (this.#below - this.#chain.lowest >= BLOCKS_AT_ONCE) this.#check()
    })
    this.#chain.restored.add(() => this.#check())
    this.#check()
  }

  stop(): void {
    this.#stopped = true
  }

  /** The first block that stays. */
  get #below(): number {
    return this.#chain.height - this.#keep + 1
  }

  #check(): void {
    if (this.#running || this.#stopped) return
    this.#running = true
    void this.#run()
      .catch(error => this.#logger.warn('old blocks were not pruned', { error: String(error) }))
      .finally(() => {
        this.#running = false
      })
  }

  async #run(): Promise<void> {
    while (!this.#stopped && this.#below > 1)
      if ((await this.#chain.prune(this.#below, BLOCKS_AT_ONCE)) < BLOCKS_AT_ONCE) return
  }
}
