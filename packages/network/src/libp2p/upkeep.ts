import type { Libp2p, PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { messageOf } from '../errors.ts'
import type { NetworkLogger } from '../network.ts'
import { deadline } from './deadline.ts'

const DIAL_TIMEOUT_MS = 5_000
const WALK_TIMEOUT_MS = 10_000
/** Strangers dialled after one walk. */
const DIALS_PER_WALK = 8
const MAX_DISCOVERED = 32
const MAX_REMEMBERED_FAILURES = 512

export interface UpkeepOptions {
  libp2p: Libp2p
  dht: KadDHT
  bootstrap: string[]
  targetPeers: number
  localNetwork: boolean
  logger: NetworkLogger
}

/**
 * Keeps the node connected, which libp2p alone does not: a bootstrap peer is dialled again while there are too few
 * peers, and random walks through the DHT find more. Each address, and the walks, back off while they bring nothing.
 */
export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #stopping = new AbortController()
  readonly #bootstrap: Multiaddr[]
  readonly #backoff = new Map<string, { delayMs: number; notBefore: number }>()
  readonly #discovered = new Map<string, PeerId>()
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null
  #walking: Promise<void> | null = null

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#bootstrap = options.bootstrap.map(address => multiaddr(address))
  }

  start(): void {
    this.#options.libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#options.libp2p.addEventListener('peer:discovery', this.#onDiscovery)
    this.#schedule(0)
  }

  async stop(): Promise<void> {
    this.#options.libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#options.libp2p.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#stopping.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await Promise.all([this.#running, this.#walking])
  }

  readonly #onDisconnect = () => {
    this.#backoff.delete('walk')
    if (this.#running === null) this.#schedule(200)
  }

  readonly #onDiscovery = (event: CustomEvent<{ id: PeerId }>) => {
    if (this.#discovered.size < MAX_DISCOVERED) this.#discovered.set(event.detail.id.toString(), event.detail.id)
  }

  #schedule(ms: number): void {
    if (this.#stopping.signal.aborted) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#running = this.#round()
        .catch(error => this.#options.logger.debug('upkeep failed', { error: messageOf(error) }))
        .finally(() => {
          this.#running = null
          // Jitter, so that nodes that started together do not dial together for ever.
          const base = this.#options.localNetwork ? 1_000 : 5_000
          this.#schedule(base * (0.75 + 0.5 * Math.random()))
        })
    }, ms)
  }

  async #round(): Promise<void> {
    const { libp2p, targetPeers } = this.#options
    if (libp2p.getPeers().length >= targetPeers) return
    await Promise.all(this.#bootstrap.filter(a => !this.#isConnected(a)).map(a => this.#try(a.toString(), a)))
    const found = [...this.#discovered.values()]
    this.#discovered.clear()
    const strangers = found.filter(id => !id.equals(libp2p.peerId) && libp2p.getConnections(id).length === 0)
    const room = Math.min(DIALS_PER_WALK, Math.max(0, targetPeers - libp2p.getPeers().length))
    const dials = strangers.filter(id => this.#isDue(id.toString())).slice(0, room)
    await Promise.all(dials.map(id => this.#try(id.toString(), id)))
    if (this.#walking === null && this.#isDue('walk') && libp2p.getPeers().length > 0) this.#startWalk()
  }

  /** A walk takes its time, so it runs beside the rounds; a round dials what it found. */
  #startWalk(): void {
    const { libp2p } = this.#options
    this.#delay('walk')
    this.#walking = this.#walk().then(found => {
      this.#walking = null
      const isNew = found.filter(
        id => !id.equals(libp2p.peerId) && libp2p.getConnections(id).length === 0 && this.#isDue(id.toString()),
      )
      for (const id of isNew.slice(0, MAX_DISCOVERED)) this.#discovered.set(id.toString(), id)
      if (isNew.length > 0) {
        this.#backoff.delete('walk')
        if (this.#running === null) this.#schedule(0)
      }
    })
  }

  #isConnected(address: Multiaddr): boolean {
    const id = address.getComponents().findLast(c => c.name === 'p2p')?.value
    if (id === this.#options.libp2p.peerId.toString()) return true
    const text = address.toString()
    return this.#options.libp2p
      .getConnections()
      .some(c => c.remotePeer.toString() === id || c.remoteAddr.toString().startsWith(`${text}/`))
  }

  async #try(key: string, target: Multiaddr | PeerId): Promise<void> {
    if (!this.#isDue(key)) return
    const limit = deadline(DIAL_TIMEOUT_MS, this.#stopping.signal)
    try {
      await this.#options.libp2p.dial(target, { signal: limit.signal })
      this.#backoff.delete(key)
    } catch (error) {
      this.#delay(key)
      this.#options.logger.debug('a dial failed', { target: key, error: messageOf(error) })
    } finally {
      limit.clear()
    }
  }

  /** Peers near a random point of the DHT. */
  async #walk(): Promise<PeerId[]> {
    const found = new Map<string, PeerId>()
    const limit = deadline(WALK_TIMEOUT_MS, this.#stopping.signal)
    try {
      const key = crypto.getRandomValues(new Uint8Array(32))
      for await (const event of this.#options.dht.getClosestPeers(key, { signal: limit.signal })) {
        if (event.name === 'PEER_RESPONSE') for (const { id } of event.closer) found.set(id.toString(), id)
        if (event.name === 'FINAL_PEER') found.set(event.peer.id.toString(), event.peer.id)
      }
    } catch (error) {
      this.#options.logger.debug('a walk through the DHT broke off', { error: messageOf(error) })
    } finally {
      limit.clear()
    }
    return [...found.values()]
  }

  #isDue(key: string): boolean {
    return (this.#backoff.get(key)?.notBefore ?? 0) <= Date.now()
  }

  #delay(key: string): void {
    const { localNetwork } = this.#options
    const known = this.#backoff.get(key)?.delayMs
    const delayMs = Math.min(localNetwork ? 4_000 : 60_000, known === undefined ? 1_000 : known * 2)
    if (this.#backoff.size >= MAX_REMEMBERED_FAILURES) this.#backoff.clear()
    this.#backoff.set(key, { delayMs, notBefore: Date.now() + delayMs })
  }
}
