import type { Address } from '@hydraai/core'

/** Room for messages of the next height, for all senders of a kind and for each. */
interface Room {
  readonly maxCount: number
  readonly maxBytes: number
  readonly maxCountEach: number
  readonly maxBytesEach: number
}

const MIB = 1024 * 1024
/** Members of the committee: votes of some rounds, and a block. All of them together find room. */
const OF_MEMBERS: Room = { maxCount: 4_096, maxBytes: 32 * MIB, maxCountEach: 64, maxBytesEach: MIB / 2 }
/** Who may become a member: there may be thousands, and only few will. */
const OF_OTHERS: Room = { maxCount: 1_024, maxBytes: 8 * MIB, maxCountEach: 8, maxBytesEach: 96 * 1024 }

interface Used {
  count: number
  bytes: number
}

/**
 * Messages of a height that has not begun here, in the order they came. Each sender has room of its own, so nobody
 * drives out what another has sent.
 */
export class EarlyMessages {
  readonly #messages = new Map<string, Uint8Array>()
  readonly #bySender = new Map<Address, Used>()
  readonly #used = { members: { count: 0, bytes: 0 }, others: { count: 0, bytes: 0 } }

  /** Whether there was room for it. One under a known key is no news. */
  keep(key: string, data: Uint8Array, sender: Address, isMember: boolean): boolean {
    if (this.#messages.has(key)) return false
    const room = isMember ? OF_MEMBERS : OF_OTHERS
    const all = isMember ? this.#used.members : this.#used.others
    const own = this.#bySender.get(sender) ?? { count: 0, bytes: 0 }
    const fits =
      all.count < room.maxCount &&
      all.bytes + data.length <= room.maxBytes &&
      own.count < room.maxCountEach &&
      own.bytes + data.length <= room.maxBytesEach
    if (!fits) return false
    this.#messages.set(key, data)
    this.#bySender.set(sender, own)
    for (const used of [all, own]) {
      used.count++
      used.bytes += data.length
    }
    return true
  }

  /** All of them; they are handed out once. */
  release(): Uint8Array[] {
    const messages = [...this.#messages.values()]
    this.#messages.clear()
    this.#bySender.clear()
    this.#used.members = { count: 0, bytes: 0 }
    this.#used.others = { count: 0, bytes: 0 }
    return messages
  }
}
