import {
  CounterRandom,
  type Hash,
  HydraError,
  keyPairFromSeed,
  type Micro,
  sha256,
  taggedHash,
  utf8,
} from '@hydraai/core'
import type { ChainParameters } from '@hydraai/ledger'
import { SimulatedSwitch } from '@hydraai/network'
import {
  type Founding,
  type FoundingTask,
  foundNetwork,
  type HydraNode,
  type Logger,
  type NodeOptions,
  silentLogger,
  Workbench,
} from '@hydraai/node'
import { SimulatedDisk } from '@hydraai/storage'
import { tinyTask } from '@hydraai/training'
import type { Actor, ActorHost } from './actor.ts'
import { Checker } from './checker/checker.ts'
import { isDamage, isFull, Machine, type MakeCompute } from './machine.ts'
import { SeededRandom } from './seededRandom.ts'
import { Violation } from './violation.ts'
import { VirtualClock } from './virtualClock.ts'

const START = 1_767_225_600_000
const STAKE = 10_000_000n
/** Short rounds, so that a run sees many. */
const PHASES = { work: 3, workLimit: 20, reveal: 3, base: 6, verify: 20, disclose: 3, aggregate: 60 }
/** How often somebody looks whether a machine has stopped voting for good. */
const WATCH_MS = 1_000
/** When a machine whose disk is full is tried again. */
const RETRY_MS = 1_000
/** To how many peers gossip is passed on, as in a mesh of that degree. */
const GOSSIP_FANOUT = 4

export interface WorldOptions {
  readonly seed: number
  /** Founding validators. */
  readonly nodes: number
  /** Machines that come with nothing but a wallet; they are not founders and hold no content. */
  readonly newcomers?: number
  /** Machines that run with the key of a founder, each on a disk of its own: how many of the first one, or of which ones. */
  readonly twins?: number | readonly number[]
  /** Who stands in front of a machine's node, against the protocol; null or nothing for an honest one. */
  readonly actor?: (index: number) => Actor | null | undefined
  /** What a machine's training services do against the protocol. */
  readonly tamper?: (index: number) => NodeOptions['tamper']
  /** What each founder has at stake; 10 HYDRA unless given. */
  readonly stake?: (index: number) => Micro
  /** Whether the nodes train; true unless given. */
  readonly trains?: boolean
  readonly wasm: Uint8Array
  /** The models of genesis: one tiny model unless given. */
  readonly tasks?: readonly FoundingTask[]
  readonly parameters?: Partial<ChainParameters>
  readonly maxSkewMs?: number
  /** With a third or more of the power Byzantine: forks are noted and do not end the world. */
  readonly mayFork?: boolean
  /** Keep what honest machines sent and heard, to name who broke safety. */
  readonly keepsMessages?: boolean
  readonly logger?: (id: string) => Logger
  /** What the machines compute with; the tiny task's jobs in the times they usually take unless given. */
  readonly compute?: MakeCompute
}

/** Real node services on a seeded clock, network and disk. One seed gives one history. */
export class World {
  readonly clock = new VirtualClock(START)
  readonly random: SeededRandom
  readonly wires: SimulatedSwitch
  readonly machines: readonly Machine[]
  readonly checker: Checker
  readonly founding: Founding
  /** Healed: what is left of faults does no more harm. */
  calm = false
  /** Until the network has healed, an adversary may decide when messages arrive. */
  storming = true
  #failure: Violation | null = null
  #watching = false

  private constructor(options: WorldOptions, founding: Founding, seeds: readonly Uint8Array[]) {
    const { seed, nodes, maxSkewMs = 0, mayFork = false, keepsMessages = false } = options
    this.random = new SeededRandom(seed, 1)
    this.founding = founding
    this.wires = new SimulatedSwitch({
      clock: this.clock,
      random: new SeededRandom(seed, 2),
      conditions: { partitionNoticeMs: 1_000 },
      gossipFanout: GOSSIP_FANOUT,
    })
    const { genesis } = founding
    this.checker = new Checker({ clock: this.clock, genesis, trains: options.trains !== false, mayFork, keepsMessages })
    const bench = new Workbench(options.wasm)
    const chance = new SeededRandom(seed, 3)
    const { tamper, trains } = options
    this.machines = seeds.map((bytes, index) => {
      const tampering = tamper?.(index)
      return new Machine({
        id: `node${index}`,
        index,
        keys: () => keyPairFromSeed(bytes),
        disk: new SimulatedDisk({ random: new CounterRandom(diskSeed(seed, index)) }),
        skewMs: maxSkewMs === 0 ? 0 : chance.between(-maxSkewMs, maxSkewMs),
        founder: index < nodes,
        sharesKey: seeds.indexOf(bytes) !== index || seeds.lastIndexOf(bytes) !== index,
        actor: options.actor?.(index) ?? null,
        options: { ...(tampering && { tamper: tampering }), ...(trains !== undefined && { trains }) },
        clock: this.clock,
        wires: this.wires,
        checker: this.checker,
        founding,
        bench,
        compute: options.compute ?? null,
        logger: options.logger?.(`node${index}`) ?? silentLogger,
        random: this.random,
        hosts: () => this.machines.map(({ host }) => host).filter((host): host is ActorHost => host !== null),
        storming: () => this.storming,
        onDeath: (machine, downMs) => this.bootLater(machine, downMs),
      })
    })
  }

  /** Founds a network of `nodes` validators with a tiny model; nothing runs yet. */
  static async create(options: WorldOptions): Promise<World> {
    const { seed, nodes, newcomers = 0, twins = 0, wasm, stake = () => STAKE } = options
    const seeds = Array.from({ length: nodes + newcomers }, (_, i) =>
      sha256(utf8(`simulated machine ${i} of world ${seed}`)),
    )
    for (const founder of typeof twins === 'number' ? Array<number>(twins).fill(0) : twins) seeds.push(seeds[founder]!)
    const founding = foundNetwork({
      validators: seeds.slice(0, nodes).map((bytes, i) => ({
        name: `node${i}`,
        publicKey: keyPairFromSeed(bytes).publicKey,
        stake: stake(i),
      })),
      tasks: options.tasks ?? [{ id: 'tiny', ...tinyTask() }],
      time: START,
      wasm,
      parameters: { blockIntervalMs: 1_000, registrationDifficulty: 4, phases: PHASES, ...options.parameters },
    })
    const world = new World(options, founding, seeds)
    for (const machine of world.machines) if (machine.isFounder) await machine.install()
    return world
  }

  boot(machine: Machine): Promise<HydraNode> {
    return machine.boot()
  }

  /**
   * Boots a machine that is down, from a timer. A node that rightly refuses a damaged disk is set up anew, one whose disk
   * is full is tried again; any other boot that fails is a violation of its own.
   */
  bootSoon(machine: Machine): void {
    if (machine.isUp) return
    machine.boot().catch(error => {
      machine.crash()
      if (machine.damaged && isDamage(error)) this.#setUpAnew(machine)
      else if (isFull(error)) this.bootLater(machine, RETRY_MS)
      else this.#fail(`${machine.id} did not start`, error)
    })
  }

  bootLater(machine: Machine, downMs: number): void {
    this.clock.after(downMs, () => this.bootSoon(machine))
  }

  /** Throws what went wrong so far, if anything did. */
  assertSafe(): void {
    if (this.#failure) throw this.#failure
    this.checker.assertSafe()
  }

  /** The process ends at this very moment; unsynced writes are lost. */
  crash(machine: Machine): void {
    machine.crash()
  }

  async run(ms: number): Promise<void> {
    await this.clock.advanceTo(this.clock.now() + ms)
  }

  /** Runs until the world's promises are broken or `ms` have passed; stops at the first violation. */
  async runSafely(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    while (this.clock.now() < until) {
      await this.run(Math.min(WATCH_MS, until - this.clock.now()))
      this.assertSafe()
    }
  }

  get running(): Machine[] {
    return this.machines.filter(machine => machine.node !== null)
  }

  /** From now on somebody looks after machines whose node has stopped voting for good. */
  watch(): void {
    if (this.#watching) return
    this.#watching = true
    const look = () => {
      for (const machine of this.machines) this.#lookAfter(machine)
      this.clock.after(WATCH_MS, look)
    }
    look()
  }

  #lookAfter(machine: Machine): void {
    const { haltedBy } = machine
    if (haltedBy === null || isFull(haltedBy)) return
    if (machine.damaged && isDamage(haltedBy)) this.#setUpAnew(machine)
    else this.#fail(`${machine.id} stopped voting`, haltedBy)
  }

  #setUpAnew(machine: Machine): void {
    machine.setUpAnew().then(
      () => this.bootSoon(machine),
      error => this.#fail(`${machine.id} could not be set up anew`, error),
    )
  }

  #fail(what: string, error: unknown): void {
    const why =
      error instanceof HydraError ? `${error.code}: ${error.message}` : String((error as Error)?.stack ?? error)
    this.#failure ??= new Violation('process', `${what}: ${why}`)
  }
}

function diskSeed(seed: number, index: number): Hash {
  return taggedHash('simulated disk', utf8(`${seed}/${index}`))
}
