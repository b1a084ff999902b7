import type { Clock } from '@hydraai/core'
import { Listeners } from './listeners.ts'
import type { Logger } from './ports.ts'

export type ActivityKind = 'INFO' | 'TRAIN' | 'PROPOSAL' | 'VOTE' | 'SUCCESS' | 'BLOCK' | 'WARN'

/** One line of the activity log, in words a newcomer understands. */
export interface Activity {
  readonly at: number
  readonly kind: ActivityKind
  readonly text: string
}

const KEPT = 500

/** What the node did lately, for the page and the terminal. Bounded; the oldest line goes first. */
export class Journal {
  readonly added = new Listeners<Activity>()
  readonly #clock: Clock
  readonly #logger: Logger
  #entries: Activity[] = []
  #closed = false

  constructor({ clock, logger }: { clock: Clock; logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
  }

  /** A node that stops has nothing more to tell: what its services were at is cut off, and that is all. */
  close(): void {
    this.#closed = true
  }

  write(kind: ActivityKind, text: string): void {
    if (this.#closed) return
    const entry = { at: this.#clock.now(), kind, text }
    this.#entries.push(entry)
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT)
    this.#logger[kind === 'WARN' ? 'warn' : 'debug'](text, { kind })
    this.added.emit(entry)
  }

  /** The newest `limit` entries, oldest first. */
  recent(limit: number): readonly Activity[] {
    return this.#entries.slice(-Math.min(limit, KEPT))
  }
}
