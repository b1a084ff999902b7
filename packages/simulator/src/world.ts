import { CounterRandom, type Hash, type KeyPair, keyPairFromSeed, sha256, taggedHash, utf8 } from '@hydraai/core'
import type { ChainParameters } from '@hydraai/ledger'
import { SimulatedSwitch } from '@hydraai/network'
import {
  type Founding,
  type FoundingTask,
  foundNetwork,
  HydraNode,
  InlineCompute,
  type Logger,
  type NodeOptions,
  silentLogger,
  Workbench,
} from '@hydraai/node'
import { BlobStore, memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { tinyTask } from '@hydraai/training'
import { Checker } from './checker.ts'
import { NodeClock } from './nodeClock.ts'
import { SeededRandom } from './seededRandom.ts'
import { tapped } from './tap.ts'
import { VirtualClock } from './virtualClock.ts'

const START = 1_767_225_600_000
const STAKE = 10_000_000n
/** What the tiny task's jobs take on a simulated machine. */
const DURATIONS = { trainMs: 300, verifyMs: 250, aggregateMs: 100 }

/** One machine: its disk and keys outlive the process that runs on it. */
export interface Machine {
  readonly id: string
  readonly index: number
  readonly keys: () => KeyPair
  readonly disk: SimulatedDisk
  readonly skewMs: number
  node: HydraNode | null
  clock: NodeClock | null
}

export interface WorldOptions {
  readonly seed: number
  /** Founding validators. */
  readonly nodes: number
  /** Machines that come with nothing but a wallet; they are not founders and hold no content. */
  readonly newcomers?: number
  /** Machines that run with the first founder's key, each on a disk of its own. */
  readonly twins?: number
  /** What a machine does against the protocol. */
  readonly tamper?: (index: number) => NodeOptions['tamper']
  readonly wasm: Uint8Array
  /** The models of genesis: one tiny model unless given. */
  readonly tasks?: readonly FoundingTask[]
  readonly parameters?: Partial<ChainParameters>
  readonly maxSkewMs?: number
  readonly logger?: (id: string) => Logger
}

/** Real node services on a seeded clock, network and disk. One seed gives one history. */
export class World {
  readonly clock = new VirtualClock(START)
  readonly random: SeededRandom
  readonly wires: SimulatedSwitch
  readonly machines: Machine[]
  readonly checker: Checker
  readonly founding: Founding
  readonly #bench: Workbench
  readonly #logger: (id: string) => Logger
  readonly #tamper: (index: number) => NodeOptions['tamper']
  #failure: Error | null = null

  private constructor(options: WorldOptions, founding: Founding, machines: Machine[]) {
    this.random = new SeededRandom(options.seed, 1)
    this.founding = founding
    this.machines = machines
    const random = new SeededRandom(options.seed, 2)
    this.wires = new SimulatedSwitch({ clock: this.clock, random, conditions: { partitionNoticeMs: 1_000 } })
    this.checker = new Checker({ clock: this.clock })
    this.#bench = new Workbench(options.wasm)
    this.#logger = options.logger ?? (() => silentLogger)
    this.#tamper = options.tamper ?? (() => undefined)
  }

  /** Founds a network of `nodes` validators with a tiny model; nothing runs yet. */
  static async create(options: WorldOptions): Promise<World> {
    const { seed, nodes, newcomers = 0, twins = 0, wasm, maxSkewMs = 0 } = options
    const chance = new SeededRandom(seed, 3)
    const seeds = Array.from({ length: nodes + newcomers }, (_, i) =>
      sha256(utf8(`simulated machine ${i} of world ${seed}`)),
    )
    for (let i = 0; i < twins; i++) seeds.push(seeds[0]!)
    const founding = foundNetwork({
      validators: seeds.slice(0, nodes).map((bytes, i) => ({
        name: `node${i}`,
        publicKey: keyPairFromSeed(bytes).publicKey,
        stake: STAKE,
      })),
      tasks: options.tasks ?? [{ id: 'tiny', ...tinyTask() }],
      time: START,
      wasm,
      parameters: { blockIntervalMs: 1_000, registrationDifficulty: 4, ...options.parameters },
    })
    const machines = seeds.map((bytes, index) => ({
      id: `node${index}`,
      index,
      keys: () => keyPairFromSeed(bytes),
      disk: new SimulatedDisk({ random: new CounterRandom(diskSeed(seed, index)) }),
      skewMs: maxSkewMs === 0 ? 0 : chance.between(-maxSkewMs, maxSkewMs),
      node: null,
      clock: null,
    }))
    const world = new World(options, founding, machines)
    for (const machine of machines.slice(0, nodes)) await world.#install(machine)
    return world
  }

  /** Starts a machine's node on whatever its disk holds. */
  async boot(machine: Machine): Promise<HydraNode> {
    const clock = new NodeClock(this.clock, machine.skewMs)
    const network = tapped(this.wires.network(machine.id), message => this.checker.onMessage(machine.id, message))
    const compute = new InlineCompute({ bench: this.#bench, clock, durations: DURATIONS })
    const random = new SeededRandom(this.random.uint32(), machine.index)
    const tamper = this.#tamper(machine.index)
    const node = await HydraNode.open(
      { genesis: this.founding.genesis, name: machine.id, ...(tamper && { tamper }) },
      {
        clock,
        network,
        storage: memoryStorage(machine.disk),
        compute,
        keys: machine.keys(),
        logger: this.#logger(machine.id),
        random: () => random.unit(),
      },
    )
    machine.node = node
    machine.clock = clock
    this.checker.onBoot(machine.id, node)
    await node.start()
    return node
  }

  /** Boots from a timer; a boot that fails is a violation of its own. */
  bootSoon(machine: Machine): void {
    this.boot(machine).catch(error => {
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
    })
  }

  /** Throws what went wrong so far, if anything did. */
  assertSafe(): void {
    if (this.#failure) throw this.#failure
    this.checker.assertSafe()
  }

  /** The process ends at this very moment; unsynced writes are lost. */
  crash(machine: Machine): void {
    machine.clock?.kill()
    this.wires.crash(machine.id)
    machine.disk.crash()
    machine.node = null
    machine.clock = null
  }

  async run(ms: number): Promise<void> {
    await this.clock.advanceTo(this.clock.now() + ms)
  }

  get running(): Machine[] {
    return this.machines.filter(machine => machine.node !== null)
  }

  /** What a founder's folder holds before the first start. */
  async #install(machine: Machine): Promise<void> {
    const storage = memoryStorage(machine.disk)
    const blobs = new BlobStore(storage.db)
    for (const blob of this.founding.blobs) await blobs.put(blob)
    await storage.close()
  }
}

function diskSeed(seed: number, index: number): Hash {
  return taggedHash('simulated disk', utf8(`${seed}/${index}`))
}
