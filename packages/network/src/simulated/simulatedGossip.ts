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

interface Packet {
  readonly id: string
  readonly topic: string
  readonly data: Uint8Array
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
    // A copy, so that nobody's later writing changes what is on its way; from here on nobody writes to it.
    const packet = { id: idOf(topic, data), topic, data: data.slice() }
    if (!this.#seen.add(packet.id, this.#switch.clock.now())) return
    counters.bytesSent += data.length * this.#spread(packet, this.#subscribed(topic))
  }

  /** Sends to those alone that are named and linked, whatever was sent before. */
  whisper(to: readonly string[], topic: string, data: Uint8Array): void {
    const packet = { id: idOf(topic, data), topic, data: data.slice() }
    const targets = this.#subscribed(topic).filter(({ peerId }) => to.includes(peerId))
    this.#node.counts.topic(topic).bytesSent += data.length * this.#spread(packet, targets)
  }

  #subscribed(topic: string): SimulatedNetwork[] {
    return this.#node.linked().filter(to => to.gossip.#subscriptions.has(topic))
  }

  /** Passes on what came from another, to as many as the switch says. */
  #passOn(packet: Packet, from: string): void {
    const targets = this.#subscribed(packet.topic).filter(({ peerId }) => peerId !== from)
    const fanout = this.#switch.gossipFanout
    for (let i = 0; i < fanout && i < targets.length && fanout < targets.length; i++) {
      const j = i + this.#switch.below(targets.length - i)
      const chosen = targets[j]!
      targets[j] = targets[i]!
      targets[i] = chosen
    }
    if (targets.length > fanout) targets.length = fanout
    this.#spread(packet, targets)
  }

  /** Gives to how many it was sent. */
  #spread(packet: Packet, targets: readonly SimulatedNetwork[]): number {
    for (const to of targets) {
      this.#node.counts.gossip.bytesSent += packet.data.length
      const { conditions } = this.#switch
      const [lost, twice] = [this.#switch.chance(conditions.loss), this.#switch.chance(conditions.duplication)]
      if (!lost) this.#carry(to, packet, false)
      if (twice) this.#carry(to, packet, true)
    }
    return targets.length
  }

  #carry(to: SimulatedNetwork, packet: Packet, again: boolean): void {
    this.#switch.carry(this.#node, to, () => to.gossip.#receive(packet, this.#node.peerId, again))
  }

  #receive(packet: Packet, from: string, again: boolean): void {
    const { id, topic, data } = packet
    const subscription = this.#subscriptions.get(topic)
    if (subscription === undefined) return
    this.#node.counts.gossip.bytesReceived += data.length
    if (!again && !this.#seen.add(id, this.#switch.clock.now())) return
    const counters = this.#node.counts.topic(topic)
    counters.received++
    counters.bytesReceived += data.length
    void this.#judge(subscription, data, from, counters).then(result => {
      counters[result === 'accept' ? 'accepted' : result === 'ignore' ? 'ignored' : 'rejected']++
      if (result === 'accept' && !again && this.#node.isRunning) this.#passOn(packet, from)
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
