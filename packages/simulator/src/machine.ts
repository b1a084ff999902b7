import { type Address, type Clock, HydraError, type KeyPair } from '@hydraai/core'
import type { SimulatedSwitch } from '@hydraai/network'
import type { Compute, Founding, Logger, NodeOptions } from '@hydraai/node'
import { HydraNode, InlineCompute, type Workbench } from '@hydraai/node'
import { BlobStore, memoryStorage, SignerStore, type SimulatedDisk } from '@hydraai/storage'
import type { Actor, ActorHost } from './actor.ts'
import type { Checker } from './checker/checker.ts'
import { fragileStorage } from './fragilePorts.ts'
import { type Fuse, FuseBox } from './fuse.ts'
import { machineNetwork } from './machineNetwork.ts'
import { NodeClock } from './nodeClock.ts'
import { SeededRandom } from './seededRandom.ts'
import type { VirtualClock } from './virtualClock.ts'

/** What the tiny task's jobs take on a simulated machine. */
const DURATIONS = { trainMs: 300, verifyMs: 250, aggregateMs: 100 }
/** Blocks that a validator without a memory of what it signed lets pass before it signs again. */
const SILENT_BLOCKS = 2
const ASK_TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** What a machine computes with; made anew for each process that runs on it. */
export type MakeCompute = (parts: {
  readonly index: number
  readonly bench: Workbench
  readonly clock: Clock
}) => Compute

/** What a machine has of the world it stands in. */
export interface MachineParts {
  readonly id: string
  readonly index: number
  readonly keys: () => KeyPair
  readonly disk: SimulatedDisk
  readonly skewMs: number
  readonly founder: boolean
  /** Another machine runs with the same key. */
  readonly sharesKey: boolean
  readonly actor: Actor | null
  readonly options: Pick<NodeOptions, 'stakes' | 'trains' | 'tamper'>
  readonly clock: VirtualClock
  readonly wires: SimulatedSwitch
  readonly checker: Checker
  readonly founding: Founding
  readonly bench: Workbench
  readonly compute: MakeCompute | null
  readonly logger: Logger
  readonly random: SeededRandom
  readonly hosts: () => readonly ActorHost[]
  /** Whether the network has not healed yet. */
  readonly storming: () => boolean
  /** A fuse ended the process. */
  readonly onDeath: (machine: Machine, downMs: number) => void
}

/** A process: what of a machine dies with a crash. */
interface Process {
  readonly clock: NodeClock
  readonly fuses: FuseBox
  /** How long the machine stays down when a fuse ends the process. */
  downMs: number
  host: ActorHost | null
}

/** One machine: its disk and keys outlive the processes that run on it. */
export class Machine {
  readonly id: string
  readonly index: number
  readonly address: Address
  readonly disk: SimulatedDisk
  readonly actor: Actor | null
  readonly isFounder: boolean
  readonly sharesKey: boolean
  /** How far its clock is from the world's. */
  skewMs: number
  /** A bit of its disk was flipped: it may refuse to go on, and is then set up anew. */
  damaged = false
  node: HydraNode | null = null
  readonly #parts: MachineParts
  #process: Process | null = null
  #paused = false

  constructor(parts: MachineParts) {
    this.#parts = parts
    this.id = parts.id
    this.index = parts.index
    this.address = parts.keys().address
    this.disk = parts.disk
    this.actor = parts.actor
    this.isFounder = parts.founder
    this.sharesKey = parts.sharesKey
    this.skewMs = parts.skewMs
  }

  get keys(): () => KeyPair {
    return this.#parts.keys
  }

  get honest(): boolean {
    return this.actor === null
  }

  /** Keeps to the protocol in all it does, training and verifying included. */
  get worksHonestly(): boolean {
    return this.honest && this.#parts.options.tamper === undefined
  }

  /** A process runs, though its node may not be open yet. */
  get isUp(): boolean {
    return this.#process !== null
  }

  /** What its actor may use; null while the node is not open, or there is no actor. */
  get host(): ActorHost | null {
    return this.#process?.host ?? null
  }

  /** Starts the node on whatever the disk holds. */
  async boot(): Promise<HydraNode> {
    const { clock: world, wires, checker, founding, bench, logger } = this.#parts
    const fuses = new FuseBox()
    const die = () => this.#dies(process)
    const clock: NodeClock = new NodeClock({
      world,
      offsetMs: () => this.skewMs,
      onTimer: run => {
        const moment = fuses.strike('timer')
        if (moment !== 'before') run()
        if (moment !== null) die()
      },
    })
    const process: Process = { clock, fuses, downMs: 0, host: null }
    this.#process = process
    this.#paused = false
    const random = new SeededRandom(this.#parts.random.uint32(), this.index)
    const network = machineNetwork({
      network: wires.network(this.id),
      fuses,
      die,
      whisper: (to, topic, data) => wires.whisper(this.id, to, topic, data),
      onPublish: (topic, data) => checker.onPublish(this, topic, data),
      onAnswer: (protocol, response) => checker.onAnswer(this, protocol, response),
      onGossip: (topic, data) => checker.onGossip(this, topic, data),
      onAnswered: (protocol, response) => checker.onAnswered(this, protocol, response),
      actor: this.actor,
      host: () => process.host,
    })
    const node = await HydraNode.open(
      { ...this.#parts.options, genesis: founding.genesis, name: this.id },
      {
        clock,
        network,
        storage: fragileStorage(memoryStorage(this.disk), fuses, die),
        compute:
          this.#parts.compute?.({ index: this.index, bench, clock }) ??
          new InlineCompute({ bench, clock, durations: DURATIONS }),
        keys: this.keys(),
        logger,
        random: () => random.unit(),
      },
    )
    this.node = node
    checker.onBoot(this, node)
    if (this.actor) {
      process.host = this.#hostOf(node, clock)
      this.actor.start?.(process.host)
    }
    await node.start()
    checker.onStarted(this, node)
    return node
  }

  /** The process ends at this very moment; unsynced writes are lost. */
  crash(): void {
    this.#process?.clock.kill()
    this.#process = null
    this.#parts.wires.crash(this.id)
    this.disk.crash()
    this.node = null
    this.#paused = false
  }

  /** The process that runs now will end at one of its next effects. */
  arm(fuse: Fuse, downMs: number): void {
    if (this.#process === null) return
    this.#process.downMs = downMs
    this.#process.fuses.arm(fuse)
  }

  disarm(): void {
    this.#process?.fuses.disarm()
  }

  /** The process stands still: no timer, no message, until {@link resume}. Time goes on without it. */
  pause(): void {
    if (this.#process === null || this.#paused) return
    this.#paused = true
    this.#process.clock.pause()
    this.#parts.wires.freeze(this.id)
  }

  resume(): void {
    if (this.#process === null || !this.#paused) return
    this.#paused = false
    this.#parts.wires.thaw(this.id)
    this.#process.clock.resume()
  }

  /** What a founder's folder holds before the first start. */
  async install(): Promise<void> {
    const storage = memoryStorage(this.disk)
    const blobs = new BlobStore(storage.db)
    for (const blob of this.#parts.founding.blobs) await blobs.put(blob)
    await storage.close()
  }

  /**
   * An operator's answer to a damaged disk: a new one with the wallet and nothing else. Nobody knows any more what the
   * machine has signed, so its signer is told to keep silent for the heights at which that may have been.
   */
  async setUpAnew(): Promise<void> {
    if (this.isUp) this.crash()
    this.disk.wipe()
    this.damaged = false
    this.#parts.checker.onSetUpAnew(this)
    await this.install()
    const storage = memoryStorage(this.disk)
    const height = this.#parts.checker.highest + SILENT_BLOCKS
    const record = { height, round: 0, step: 'precommit' as const, signBytes: new Uint8Array(), signature: null }
    await new SignerStore(storage.db).save(record)
    await storage.close()
  }

  /** The error that made the node stop voting for good, if it did. */
  get haltedBy(): unknown {
    return this.node?.consensus.progress.haltedBy ?? null
  }

  /** A later life of the machine is not ended by a fuse of an earlier one. */
  #dies(process: Process): void {
    if (this.#process !== process) return
    this.crash()
    this.#parts.onDeath(this, process.downMs)
  }

  #hostOf(node: HydraNode, clock: NodeClock): ActorHost {
    const { wires, founding, hosts, storming } = this.#parts
    const { network } = node.ports
    const { genesis } = founding
    return {
      id: this.id,
      index: this.index,
      genesis,
      chainId: genesis.chainId,
      keys: this.keys(),
      clock,
      random: new SeededRandom(this.#parts.random.uint32(), this.index),
      node,
      peers: () => network.peers().map(({ peerId }) => peerId),
      publish: ({ topic, data, to }) => wires.whisper(this.id, to ?? network.peers().map(p => p.peerId), topic, data),
      request: (peer, protocol, request) =>
        wires.request(this.id, peer, protocol, request, {
          timeoutMs: ASK_TIMEOUT_MS,
          maxResponseBytes: MAX_ANSWER_BYTES,
        }),
      get wires() {
        return storming() ? wires : null
      },
      accomplices: hosts,
    }
  }
}

/** What a damaged disk, rightly, makes a node refuse to start with, or to go on. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof HydraError)) return false
  return ['STORAGE_CORRUPT', 'LOG_CORRUPT', 'BLOB_CORRUPT', 'CONTENT_UNAVAILABLE'].includes(error.code)
}

export function isFull(error: unknown): boolean {
  return error instanceof HydraError && error.code === 'STORAGE_FULL'
}
