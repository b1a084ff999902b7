import { randomBytes } from 'node:crypto'
import { createConnection } from 'node:net'
import { decode } from '@hydraai/core'
import { type Genesis, genesisCodec } from '@hydraai/ledger'
import { libp2pNetwork, MAX_GOSSIP_BYTES, type Network, NetworkError } from '@hydraai/network'
import { GENESIS_PROTOCOL, MAX_GENESIS_BYTES } from '@hydraai/node'
import { eventually } from './eventually.ts'
import type { RunningNode } from './node.ts'

const TIMEOUT_MS = 15_000
export const TOPICS = ['consensus/1', 'transactions/1'] as const

/** A peer of its own making, under the chain's own prefix and with a new key, connected to one node. */
export class Attacker {
  readonly network: Network
  readonly victim: string
  readonly #heard = new Set<string>()
  #genesis: Genesis | undefined

  private constructor(network: Network, victim: string) {
    this.network = network
    this.victim = victim
  }

  /** `prepare` may register protocols of its own before anybody is met. */
  static async meet(node: RunningNode, prepare: (network: Network) => void = () => {}): Promise<Attacker> {
    const network = libp2pNetwork({
      seed: new Uint8Array(randomBytes(32)),
      listen: [],
      bootstrap: [],
      localNetwork: true,
      protocolPrefix: `/hydra/${node.ready.chainId}`,
    })
    for (const topic of TOPICS) network.subscribe(topic, { maxBytes: MAX_GOSSIP_BYTES }, () => 'ignore')
    prepare(network)
    await network.start()
    return new Attacker(network, await network.dial(node.address))
  }

  get connected(): boolean {
    return this.network.peers().some(({ peerId }) => peerId === this.victim)
  }

  async genesis(): Promise<Genesis> {
    const options = { timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_GENESIS_BYTES }
    this.#genesis ??= decode(
      genesisCodec,
      await this.network.request(this.victim, GENESIS_PROTOCOL, new Uint8Array(), options),
    )
    return this.#genesis
  }

  /** Publishes to the topic; the first time not before the victim is known to listen there. */
  async publish(topic: string, data: Uint8Array): Promise<void> {
    if (!this.#heard.has(topic)) await this.#probe(topic)
    await this.network.publish(topic, data)
  }

  /** Gossip sends the same bytes only once, so every probe is another one. */
  async #probe(topic: string): Promise<void> {
    await eventually(`the node to listen on ${topic}`, TIMEOUT_MS, async () => {
      await this.network.publish(topic, new Uint8Array(randomBytes(8)))
      return (this.network.counters().topics[topic]?.bytesSent ?? 0) > 0
    })
    this.#heard.add(topic)
  }

  /** The code of the refusal, or `answered`. */
  async request(protocol: string, body: Uint8Array): Promise<string> {
    const options = { timeoutMs: TIMEOUT_MS, maxResponseBytes: 4 * 1024 * 1024 }
    try {
      await this.network.request(this.victim, protocol, body, options)
      return 'answered'
    } catch (error) {
      if (error instanceof NetworkError) return error.code
      throw error
    }
  }

  stop(): Promise<void> {
    return this.network.stop()
  }
}

/** Bytes into a bare socket of loopback; ends when the other side does, or after a moment. */
export function shout(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(bytes))
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('data', () => {})
    socket.on('close', () => resolve())
  })
}
