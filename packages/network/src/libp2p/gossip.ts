import { concatBytes, sha256, utf8 } from '@hydraai/core'
import {
  type GossipSub,
  type GossipSubComponents,
  type GossipsubOpts,
  gossipsub,
  StrictNoSign,
  TopicValidatorResult,
} from '@libp2p/gossipsub'
import type { Counters, TopicCounters } from '../counters.ts'
import { messageOf, NetworkError } from '../errors.ts'
import { MAX_GOSSIP_BYTES, type NetworkLimits, SEEN_TTL_MS } from '../limits.ts'
import { qualify } from '../names.ts'
import type { MessageHandler, NetworkLogger, Validation } from '../network.ts'
import { deadline, within } from './deadline.ts'
import { gossipBytes } from './gossipBytes.ts'
import { Blame, type Misbehaviour } from './misbehaviour.ts'

/** An RPC may join several messages, so it gets room for more than one. A larger one would end the gossip link. */
const MAX_RPC_BYTES = 16 * MAX_GOSSIP_BYTES
/** Bookkeeping a peer's subscriptions may take: about a kilobyte each. */
const MAX_SUBSCRIPTION_BYTES = 65_536

const RESULTS: Record<Validation, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

interface Subscription {
  topic: string
  maxBytes: number
  onMessage: MessageHandler
}

export interface GossipServiceOptions {
  prefix: string
  localNetwork: boolean
  counters: Counters
  limits: NetworkLimits
  logger: NetworkLogger
  misbehaviour: Misbehaviour
  blame(peer: string, amount: number): void
}

/** GossipSub 1.2 with our own validation: nothing is forwarded that its handler did not accept. */
export class GossipService {
  readonly #options: GossipServiceOptions
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #stopping = new AbortController()
  #pubsub: GossipSub | null = null
  #pending = 0

  constructor(options: GossipServiceOptions) {
    this.#options = options
  }

  /** The libp2p service. Call when all topics that are known before the start are subscribed. */
  service(): (components: GossipSubComponents) => GossipSub {
    return gossipsub(gossipOptions(this.#options, [...this.#subscriptions.keys()]))
  }

  start(pubsub: GossipSub): void {
    this.#pubsub = pubsub
    for (const name of this.#subscriptions.keys()) this.#join(pubsub, name)
  }

  stop(): void {
    this.#stopping.abort(new NetworkError('NETWORK_STOPPED', 'the network was stopped'))
  }

  subscribe(topic: string, options: { maxBytes: number }, onMessage: MessageHandler): void {
    const name = qualify(this.#options.prefix, topic)
    if (this.#subscriptions.has(name)) {
      throw new NetworkError('NETWORK_STATE', `the topic ${topic} is subscribed already`)
    }
    if (options.maxBytes > MAX_GOSSIP_BYTES) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `messages of ${topic} may have at most ${MAX_GOSSIP_BYTES} bytes`, {
        advice: 'Gossip the hash, and let others pull the content by a request.',
      })
    }
    this.#subscriptions.set(name, { topic, maxBytes: options.maxBytes, onMessage })
    if (this.#pubsub === null) return
    allowTopic(this.#pubsub, name)
    this.#join(this.#pubsub, name)
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    const name = qualify(this.#options.prefix, topic)
    const maxBytes = this.#subscriptions.get(name)?.maxBytes ?? MAX_GOSSIP_BYTES
    if (data.length > maxBytes) {
      throw new NetworkError('MESSAGE_TOO_LARGE', `a ${topic} message of ${data.length} bytes is over ${maxBytes}`)
    }
    if (this.#stopping.signal.aborted) throw this.#stopping.signal.reason
    if (this.#pubsub === null) throw new NetworkError('NETWORK_STATE', 'the network has not started')
    const { recipients } = await this.#pubsub.publish(name, data)
    const counters = this.#options.counters.topic(topic)
    counters.published++
    counters.bytesSent += data.length * recipients.length
  }

  #join(pubsub: GossipSub, name: string): void {
    const subscription = this.#subscriptions.get(name)
    if (subscription === undefined) return
    pubsub.topicValidators.set(name, async (peer, message) => {
      const from = peer.toString()
      const result = await this.#validate(subscription, message.data, from)
      if (result === 'reject') this.#options.blame(from, Blame.rejectedMessage)
      return RESULTS[result]
    })
    pubsub.subscribe(name)
  }

  async #validate(subscription: Subscription, data: Uint8Array, from: string): Promise<Validation> {
    const counters = this.#options.counters.topic(subscription.topic)
    counters.received++
    counters.bytesReceived += data.length
    const result = await this.#judge(subscription, data, from, counters)
    counters[result === 'accept' ? 'accepted' : result === 'ignore' ? 'ignored' : 'rejected']++
    return result
  }

  async #judge(
    { topic, maxBytes, onMessage }: Subscription,
    data: Uint8Array,
    from: string,
    counters: TopicCounters,
  ): Promise<Validation> {
    const { limits, logger } = this.#options
    if (this.#stopping.signal.aborted) return 'ignore'
    if (data.length > maxBytes) {
      counters.oversized++
      return 'reject'
    }
    if (this.#pending >= limits.maxPendingMessages) {
      counters.overloaded++
      return 'ignore'
    }
    this.#pending++
    try {
      const result = onMessage(data, from)
      if (typeof result === 'string') return result
      const limit = deadline(limits.validationTimeoutMs, this.#stopping.signal)
      return await within(result, limit.signal).finally(() => limit.clear())
    } catch (error) {
      // A handler that fails says nothing about the sender.
      logger.warn('a gossip message could not be handled', { topic, from, error: messageOf(error) })
      return 'ignore'
    } finally {
      this.#pending--
    }
  }
}

function gossipOptions(options: GossipServiceOptions, topics: string[]): Partial<GossipsubOpts> {
  const { counters, localNetwork, misbehaviour } = options
  return {
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: message => sha256(concatBytes(utf8(message.topic), message.data)),
    seenTTL: SEEN_TTL_MS,
    allowedTopics: topics,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    emitSelf: false,
    doPX: false,
    // With a handful of nodes a message sent to all of them needs no mesh to be complete, and costs nothing.
    floodPublish: localNetwork,
    heartbeatInterval: localNetwork ? 500 : 1000,
    // A node that restarts may be pruned and grafted again within seconds on a local network.
    ...(localNetwork ? { pruneBackoff: 5_000, graftFloodThreshold: 1_000 } : {}),
    maxInboundDataLength: MAX_RPC_BYTES,
    maxOutboundBufferSize: 2 * MAX_RPC_BYTES,
    maxTopicBytesPerPeer: MAX_SUBSCRIPTION_BYTES,
    metricsRegister: gossipBytes(counters.gossip),
    metricsTopicStrToLabel: new Map(),
    scoreParams: {
      // Mesh delivery terms punish quiet topics, which most of ours are; only proven misbehaviour counts.
      appSpecificScore: peer => -misbehaviour.of(peer),
      appSpecificWeight: 1,
      IPColocationFactorWeight: localNetwork ? 0 : -5,
      IPColocationFactorThreshold: 3,
    },
  }
}

/** The topics a pubsub takes are fixed when it is made; one that is subscribed later has to be let in. */
function allowTopic(pubsub: GossipSub, name: string): void {
  const { allowedTopics } = pubsub as unknown as { allowedTopics: Set<string> }
  allowedTopics.add(name)
}
