/** Messages and payload bytes of one topic. Received counts each distinct message once; bytes sent count each recipient of an own message. */
export interface TopicCounters {
  published: number
  received: number
  accepted: number
  ignored: number
  rejected: number
  /** Of the rejected: larger than the topic allows. */
  oversized: number
  /** Of the ignored: too many were being validated already. */
  overloaded: number
  bytesSent: number
  bytesReceived: number
}

/** Requests of one protocol; bytes are bodies without framing. */
export interface ProtocolCounters {
  requested: number
  /** Own requests that ended in an error. */
  failed: number
  served: number
  /** Requests of others that were not answered with a body, for whatever reason. */
  refused: number
  bytesSent: number
  bytesReceived: number
}

/** Why something from outside was turned away. */
export type Refusal = 'rateLimited' | 'busy' | 'oversized' | 'malformed' | 'silent' | 'handlerFailed' | 'connection'

export interface NetworkCounters {
  /** Everything below, added up. */
  bytesSent: number
  bytesReceived: number
  /** All gossip, forwarded messages and control included. */
  gossip: { bytesSent: number; bytesReceived: number }
  topics: Record<string, TopicCounters>
  protocols: Record<string, ProtocolCounters>
  refused: Record<Refusal, number>
}

/** The running totals of one network. Keys are names this node registered or asked for, so their number is bounded. */
export class Counters {
  readonly gossip = { bytesSent: 0, bytesReceived: 0 }
  readonly #topics = new Map<string, TopicCounters>()
  readonly #protocols = new Map<string, ProtocolCounters>()
  readonly #refused: Record<Refusal, number> = {
    rateLimited: 0,
    busy: 0,
    oversized: 0,
    malformed: 0,
    silent: 0,
    handlerFailed: 0,
    connection: 0,
  }

  topic(name: string): TopicCounters {
    let counters = this.#topics.get(name)
    if (counters === undefined) {
      counters = {
        published: 0,
        received: 0,
        accepted: 0,
        ignored: 0,
        rejected: 0,
        oversized: 0,
        overloaded: 0,
        bytesSent: 0,
        bytesReceived: 0,
      }
      this.#topics.set(name, counters)
    }
    return counters
  }

  protocol(name: string): ProtocolCounters {
    let counters = this.#protocols.get(name)
    if (counters === undefined) {
      counters = { requested: 0, failed: 0, served: 0, refused: 0, bytesSent: 0, bytesReceived: 0 }
      this.#protocols.set(name, counters)
    }
    return counters
  }

  refuse(reason: Refusal, protocol?: string): void {
    this.#refused[reason]++
    if (protocol !== undefined) this.protocol(protocol).refused++
  }

  /** A copy that no longer changes. */
  snapshot(): NetworkCounters {
    const topics = Object.fromEntries([...this.#topics].map(([name, c]) => [name, { ...c }]))
    const protocols = Object.fromEntries([...this.#protocols].map(([name, c]) => [name, { ...c }]))
    let { bytesSent, bytesReceived } = this.gossip
    for (const c of this.#protocols.values()) {
      bytesSent += c.bytesSent
      bytesReceived += c.bytesReceived
    }
    return { bytesSent, bytesReceived, gossip: { ...this.gossip }, topics, protocols, refused: { ...this.#refused } }
  }
}
