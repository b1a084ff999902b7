import type { Activity } from '../../journal.ts'
import type { RouteParts } from '../routes/routes.ts'
import { blockRow } from '../views/blocks.ts'
import { modelRows } from '../views/models.ts'
import { peersAnswer } from '../views/peers.ts'
import { statusAnswer } from '../views/status.ts'
import { trainingAnswer } from '../views/training.ts'
import type { StreamHub } from './hub.ts'
import { Throttle } from './throttle.ts'

const TRAINING_MS = 250
const STATUS_MS = 1_000
const PEERS_MS = 2_000
const BLOCKS_MS = 200
const LOG_MS = 200
/** Some of what the status says changes with time alone, such as how long a block has been waiting. */
const LOOK_AGAIN_MS = 5_000
/** While a node catches up, blocks come faster than anybody reads; the newest are sent. */
const MAX_BLOCKS_AT_ONCE = 20
const MAX_LINES_AT_ONCE = 50

/**
 * Tells the open streams what changed, each kind at a bounded rate. Without a reader nothing is worked out: one who
 * connects asks for everything first.
 */
export class LiveFeed {
  readonly #hub: StreamHub
  readonly #parts: RouteParts
  readonly #throttles: Throttle[]
  readonly #detach: (() => void)[] = []
  readonly #sent = new Map<string, string>()
  #height: number
  #lines: Activity[] = []
  #lossesUntil = Number.NEGATIVE_INFINITY
  #lookAgain: NodeJS.Timeout | undefined

  constructor(hub: StreamHub, parts: RouteParts) {
    this.#hub = hub
    this.#parts = parts
    this.#height = parts.node.chain.height
    const status = this.#throttle(STATUS_MS, () => this.#sendStatus())
    const training = this.#throttle(TRAINING_MS, () => this.#sendTraining())
    const peers = this.#throttle(PEERS_MS, async () => this.#sendIfNew('peers', 'peers', peersAnswer(parts.node)))
    const blocks = this.#throttle(BLOCKS_MS, () => this.#sendBlocks())
    const log = this.#throttle(LOG_MS, async () => this.#sendLines())
    this.#throttles = [status, training, peers, blocks, log]
    const { node } = parts
    this.#listen(node.chain.committed, () => {
      blocks.touch()
      status.touch()
    })
    this.#listen(node.chain.restored, () => {
      blocks.touch()
      status.touch()
    })
    this.#listen(node.activity.changed, () => {
      training.touch()
      status.touch()
    })
    this.#listen(node.journal.added, line => {
      if (hub.size > 0) this.#lines.push(line)
      if (this.#lines.length > MAX_LINES_AT_ONCE) this.#lines = this.#lines.slice(-MAX_LINES_AT_ONCE)
      log.touch()
      // Pausing, for one, is seen first in the log.
      status.touch()
    })
    this.#listen(node.peers.learned, () => peers.touch())
    node.ports.network.onPeerChange(() => {
      peers.touch()
      status.touch()
    })
    this.#lookAgain = setInterval(() => {
      status.touch()
      peers.touch()
    }, LOOK_AGAIN_MS).unref()
  }

  stop(): void {
    clearInterval(this.#lookAgain)
    for (const detach of this.#detach) detach()
    for (const throttle of this.#throttles) throttle.stop()
  }

  #listen<T>(listeners: { add(listener: (value: T) => void): () => void }, listener: (value: T) => void): void {
    this.#detach.push(listeners.add(listener))
  }

  /** Nothing is worked out for nobody; what was remembered as sent is forgotten with the last reader. */
  #throttle(everyMs: number, run: () => Promise<void>): Throttle {
    return new Throttle(everyMs, async () => {
      if (this.#hub.size === 0) {
        this.#height = this.#parts.node.chain.height
        this.#lines = []
        this.#sent.clear()
        return
      }
      try {
        await run()
      } catch (error) {
        this.#parts.node.ports.logger.debug('a live event failed', { error: String(error) })
      }
    })
  }

  async #sendStatus(): Promise<void> {
    const status = await statusAnswer(this.#parts.node, this.#parts.index)
    const lasting = { ...status, node: { ...status.node, uptimeMs: 0 } }
    this.#sendIfNew('status', 'status', status, lasting)
  }

  async #sendTraining(): Promise<void> {
    const training = await trainingAnswer(this.#parts.node, this.#parts.index, this.#lossesUntil)
    this.#lossesUntil = training.losses.at(-1)?.at ?? this.#lossesUntil
    this.#hub.send('training', training)
  }

  async #sendBlocks(): Promise<void> {
    const { node, blocks } = this.#parts
    const top = node.chain.height
    for (let height = Math.max(this.#height, top - MAX_BLOCKS_AT_ONCE) + 1; height <= top; height++) {
      const stored = await blocks.at(height)
      if (stored)
        this.#hub.send(
          'block',
          blockRow(stored, who => node.nameOf(who)),
        )
    }
    this.#height = top
    for (const row of modelRows(node)) this.#sendIfNew('model', `model/${row.id}`, row)
  }

  #sendLines(): void {
    const lines = this.#lines
    this.#lines = []
    for (const line of lines) this.#hub.send('log', line)
  }

  /** `lasting` is what counts as a change. */
  #sendIfNew(event: 'status' | 'peers' | 'model', key: string, data: unknown, lasting: unknown = data): void {
    const text = JSON.stringify(lasting)
    if (this.#sent.get(key) === text) return
    this.#sent.set(key, text)
    this.#hub.send(event, data)
  }
}
