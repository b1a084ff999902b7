import type { Clock, KeyPair } from '@hydraai/core'
import type { Genesis } from '@hydraai/ledger'
import type { HydraNode } from '@hydraai/node'
import type { SeededRandom } from './seededRandom.ts'

/** A gossip message on its way out. */
export interface Outgoing {
  readonly topic: string
  readonly data: Uint8Array
  /** Ids of the machines that it goes to; every peer unless given. Honest receivers pass on what they accept. */
  readonly to?: readonly string[]
}

/** A gossip message that came from a peer. */
export interface Incoming {
  readonly topic: string
  readonly data: Uint8Array
  readonly from: string
}

/** An answer that the machine's node gives to a peer's request. */
export interface Answer {
  readonly protocol: string
  readonly request: Uint8Array
  readonly from: string
  readonly response: Uint8Array
}

/** A request that the machine's node is about to make. */
export interface Request {
  readonly protocol: string
  readonly request: Uint8Array
  readonly to: string
}

/** What an actor may use: its machine's keys and network, the world's clock and chance, and what its node knows. */
export interface ActorHost {
  readonly id: string
  readonly index: number
  readonly genesis: Genesis
  readonly chainId: string
  /** May sign anything. */
  readonly keys: KeyPair
  /** Of the process: timers set on it die with a crash. */
  readonly clock: Clock
  /** Drawn from the world's seed for this machine alone. */
  readonly random: SeededRandom
  /** The real node that runs on the machine. */
  readonly node: HydraNode
  /** Ids of the connected machines, sorted. */
  peers(): string[]
  /** Sends gossip past {@link Actor.onPublish}; the same bytes may be sent any number of times. */
  publish(message: Outgoing): void
  /** Asks a peer, past {@link Actor.onRequest}. Fails as a node's request does. */
  request(peer: string, protocol: string, request: Uint8Array): Promise<Uint8Array>
  /** Power over the wires, as an adversary has it who decides when messages arrive; null once the network has healed. */
  readonly wires: { cut(from: string, to: string): void } | null
  /** The hosts of all Byzantine machines that run now, this one among them, by index: they may conspire. */
  accomplices(): readonly ActorHost[]
}

/**
 * A machine that does not keep to the protocol. A real node runs on it, which the actor stands in front of: it sees all
 * that the node sends, answers and hears, may change it, hold it back or add to it, and may act by itself with the
 * machine's keys. An actor is made once for a machine and outlives its crashes; {@link start} is called at every boot.
 */
export interface Actor {
  /** For summaries: what it does, such as `equivocating proposer`. */
  readonly kind: string
  /** After the node was opened and before anything of it runs. */
  start?(host: ActorHost): void
  /** What goes out in place of a message of the node; nothing for an empty list. */
  onPublish?(message: Outgoing, host: ActorHost): readonly Outgoing[]
  /** Whether the node hears a message; it is passed on to others by the node alone, so never when false. */
  onGossip?(message: Incoming, host: ActorHost): boolean
  /** What is answered in place of the node's answer; null: nothing, ever (the asker runs into its timeout). */
  onAnswer?(answer: Answer, host: ActorHost): Uint8Array | null
  /** Whether a request of the node is made; when false it never gets an answer. */
  onRequest?(request: Request, host: ActorHost): boolean
}
