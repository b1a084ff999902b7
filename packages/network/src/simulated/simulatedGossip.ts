import { concatBytes, hashOf, utf8 } from '@hydraai/core'
import type { TopicCounters } from '../counters.ts'
import { NetworkError } from '../errors.ts'
import { MAX_GOSSIP_BYTES, SEEN_TTL_MS } from '../limits.ts'
import type { MessageHandler, Validation } from '../network.ts'
import { SeenCache } from './seenCache.ts'
import type { SimulatedNetwork } from './simulatedNetwork.ts'
import type { SimulatedSwitch } from './simulatedSwitch.ts'

interface Subscription {
  maxBytes: number
  onMessage: MessageHandler
}

/** Gossip by flooding: a message goes to every linked node, and on from each that accepts it. */
export class SimulatedGossip {
  readonly #switch: SimulatedSwitch
  readonly #node: SimulatedNetwork
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #seen = new SeenCache(SEEN_TTL_MS)
  #pending = 0

  constructor(owner: SimulatedSwitch, node: SimulatedNetwork) {
    this.#switch = owner
    this.#node = node
  }

  subscribe(topic: string, { maxBytes }: { maxBytes: number }, onMessage: MessageHandler): void {
    if (this.#subscriptions.has(topic)) {
      throw new NetworkError('NETWORK_STATE', `the topic ${topic} is subscribed already`)
    }
    if (maxBytes > MAX_GOSSIP_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `messages of ${topic} may have at most ${MAX_GOSSIP_BYTES} bytes`)
    }
    this.#subscriptions.set(topic, { maxBytes, onMessage })
  }

  publish(topic: string, data: Uint8Array): void {
    const maxBytes = this.#subscriptions.get(topic)?.maxBytes ?? MAX_GOSSIP_BYTES
    if (data.length > maxBytes) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a ${topic} message of ${data.length} bytes is over ${maxBytes}`)
    }
    const counters = this.#node.counts.topic(topic)
    counters.published++
    if (!this.#seen.add(idOf(topic, data), this.#switch.clock.now())) return
    counters.bytesSent += data.length * this.#spread(topic, data, null)
  }

  /** Sends to every linked subscriber but the one it came from; gives how many. */
  #spread(topic: string, data: Uint8Array, from: string | null): number {
    // A copy, so that nobody's later writing changes what is on its way.
    const packet = data.slice()
    const targets = this.#node.linked().filter(to => to.peerId !== from && to.gossip.#subscriptions.has(topic))
    for (const to of targets) {
      this.#node.counts.gossip.bytesSent += packet.length
      const { conditions } = this.#switch
      const [lost, twice] = [this.#switch.chance(conditions.loss), this.#switch.chance(conditions.duplication)]
      if (!lost) this.#carry(to, topic, packet, false)
      if (twice) this.#carry(to, topic, packet, true)
    }
    return targets.length
  }

  #carry(to: SimulatedNetwork, topic: string, packet: Uint8Array, again: boolean): void {
    this.#switch.carry(this.#node, to, () => to.gossip.#receive(topic, packet.slice(), this.#node.peerId, again))
  }

  #receive(topic: string, data: Uint8Array, from: string, again: boolean): void {
    const subscription = this.#subscriptions.get(topic)
    if (subscription === undefined) return
    this.#node.counts.gossip.bytesReceived += data.length
    if (!this.#seen.add(idOf(topic, data), this.#switch.clock.now()) && !again) return
    const counters = this.#node.counts.topic(topic)
    counters.received++
    counters.bytesReceived += data.length
    void this.#judge(subscription, data, from, counters).then(result => {
      counters[result === 'accept' ? 'accepted' : result === 'ignore' ? 'ignored' : 'rejected']++
      if (result === 'accept' && !again && this.#node.isRunning) this.#spread(topic, data, from)
    })
  }

  async #judge(
    { maxBytes, onMessage }: Subscription,
    data: Uint8Array,
    from: string,
    counters: TopicCounters,
  ): Promise<Validation> {
    if (data.length > maxBytes) {
      counters.oversized++
      return 'reject'
    }
    if (this.#pending >= this.#switch.limits.maxPendingMessages) {
      counters.overloaded++
      return 'ignore'
    }
    this.#pending++
    try {
      return await onMessage(data, from)
    } catch {
      // A handler that fails says nothing about the sender.
      return 'ignore'
    } finally {
      this.#pending--
    }
  }
}

function idOf(topic: string, data: Uint8Array): string {
  return hashOf(concatBytes(utf8(topic), data))
}
