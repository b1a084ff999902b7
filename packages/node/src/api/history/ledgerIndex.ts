import {
  type Address,
  decode,
  encode,
  evaluationCodec,
  HydraError,
  type Infer,
  type Micro,
  micro,
  struct,
  uint,
} from '@hydraai/core'
import { genesisEvents, type LedgerEvent, type LedgerState, moneyOf } from '@hydraai/ledger'
import type { KeyValueStore, WriteOperation } from '@hydraai/storage'
import type { Chain, CommittedBlock } from '../../chain/chain.ts'
import type { Logger } from '../../ports.ts'
import { accountsOf, addEvent, NO_TOTALS, rewardOf, type Totals, totalsCodec } from './totals.ts'
import { UpdateIndex } from './updateIndex.ts'

/** A new layout gets a new number: the old index is then left alone and a new one is built from the blocks. */
const PREFIX = 'ledger-index/3'
const CURSOR = `${PREFIX}/cursor`
const BLOCKS_PER_BATCH = 100
const MAX_CACHED_ACCOUNTS = 10_000
const HOUR_MS = 3_600_000
const MAX_RECENT = 10_000

/** `since`: the block from which on all is in the index, 0 unless this node began at a snapshot. */
const cursorCodec = struct({ height: uint, since: uint })
const markCodec = struct({ time: uint, earned: micro })
const versionCodec = struct({
  version: uint,
  round: uint,
  height: uint,
  time: uint,
  evaluation: evaluationCodec,
  updates: uint,
})
/** One version of a model, and the block that brought it. */
export type VersionPoint = Infer<typeof versionCodec>

interface IndexedBlock {
  readonly height: number
  readonly time: number
  readonly events: readonly LedgerEvent[]
  /** After the block; null where it is not at hand. */
  readonly state: LedgerState | null
}

/** What the index holds of one account, all of it as of the block at `height`. */
export interface AccountHistory {
  readonly height: number
  /** The first block of what is known without a gap; 0 for all since genesis. What came before is in no total. */
  readonly since: number
  /** The ledger's state at that height; null while the index is still behind the chain. */
  readonly state: LedgerState | null
  readonly totals: Totals
  /** Blocks in which money of the account moved, newest first. */
  readonly heights: readonly number[]
}

/**
 * What the ledger's state does not keep: every account's totals since genesis, the blocks in which its money moved, what
 * became of every update, and every version of every model. Kept in the node's database, one atomic batch with the height it stands at, so a start
 * only adds what was missed; nothing but recent totals is held in memory.
 */
export class LedgerIndex {
  readonly updates: UpdateIndex
  readonly #chain: Chain
  readonly #db: KeyValueStore
  readonly #self: Address
  readonly #now: () => number
  readonly #logger: Logger
  readonly #totals = new Map<Address, Totals>()
  #height = -1
  #since = 0
  #state: LedgerState | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #pumping = false
  #stopped = false
  #detach: () => void = () => {}
  #recent: { time: number; amount: Micro }[] = []

  constructor(parts: { chain: Chain; db: KeyValueStore; self: Address; now: () => number; logger: Logger }) {
    this.#chain = parts.chain
    this.#db = parts.db
    this.#self = parts.self
    this.#now = parts.now
    this.#logger = parts.logger
    this.updates = new UpdateIndex(parts.db, PREFIX)
  }

  /** Follows the chain from where the index stands. Resolves once it has caught up; {@link stop} ends that early. */
  async start(): Promise<void> {
    const onRestored = () => void this.#pump().catch(error => this.#warn(error))
    const detach = [this.#chain.committed.add(block => this.#onBlock(block)), this.#chain.restored.add(onRestored)]
    this.#detach = () => {
      for (const one of detach) one()
    }
    await this.#exclusive(() => this.#open())
    await this.#pump()
  }

  /** Waits for the write under way; the index stays right whenever the process ends. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#detach()
    await this.#turn
  }

  /** The last block that is in the index; -1 before the first. */
  get height(): number {
    return this.#height
  }

  get complete(): boolean {
    return this.#height === this.#chain.height
  }

  /** Rewards of this node's own account within the last hour. */
  get earnedLastHour(): Micro {
    const since = this.#now() - HOUR_MS
    const first = this.#recent.findIndex(({ time }) => time > since)
    this.#recent = first === -1 ? [] : this.#recent.slice(first)
    return this.#recent.reduce((sum, { amount }) => sum + amount, 0n)
  }

  /** An account's totals, and the newest `limit` blocks below `before` that moved its money. */
  account(address: Address, options: { before?: number | undefined; limit: number }): Promise<AccountHistory> {
    return this.#exclusive(async () => {
      const before = Math.min(options.before ?? this.#height + 1, this.#height + 1)
      const range = { gte: entryKey(address, 0), lt: entryKey(address, before), reverse: true, limit: options.limit }
      const heights: number[] = []
      for await (const [key] of this.#db.range(range)) heights.push(Number(key.slice(-16)))
      return {
        height: this.#height,
        since: this.#since,
        state: this.#state,
        totals: await this.#totalsOf(address),
        heights,
      }
    })
  }

  totals(address: Address): Promise<Totals> {
    return this.#exclusive(() => this.#totalsOf(address))
  }

  /** The newest `limit` versions of a model, oldest first. */
  async versions(model: string, limit: number): Promise<VersionPoint[]> {
    const points: VersionPoint[] = []
    const range = { gte: versionKey(model, 0), lt: `${PREFIX}/model/${model}0`, reverse: true, limit }
    for await (const [, value] of this.#db.range(range)) points.push(decode(versionCodec, value))
    return points.reverse()
  }

  /** One at a time: what is read together belongs to one height. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #open(): Promise<void> {
    const cursor = await this.#db.get(CURSOR)
    if (!cursor) return this.#addGenesis()
    await this.updates.open()
    const { height, since } = decode(cursorCodec, cursor)
    this.#height = height
    this.#since = since
    this.#noteState(this.#chain.state)
    const range = { gte: entryKey(this.#self, 0), lt: entryKey(this.#self, this.#height + 1), reverse: true }
    for await (const [, value] of this.#db.range({ ...range, limit: MAX_RECENT })) {
      const { time, earned } = decode(markCodec, value)
      if (time <= this.#now() - HOUR_MS) break
      this.#recent.unshift({ time, amount: earned })
    }
  }

  async #addGenesis(): Promise<void> {
    const { genesis } = this.#chain
    const operations: WriteOperation[] = genesis.models.map(({ id, version, evaluation }) => {
      const point = { version, round: 0, height: 0, time: genesis.time, evaluation, updates: 0 }
      return { type: 'put', key: versionKey(id, version), value: encode(versionCodec, point) }
    })
    await this.#write([{ height: 0, time: genesis.time, events: genesisEvents(genesis), state: null }], operations)
  }

  #onBlock({ block, events, state }: CommittedBlock): void {
    const { height, time } = block.header
    if (this.#pumping) return
    void this.#exclusive(async () => {
      if (this.#stopped || height !== this.#height + 1) return
      await this.#write([{ height, time, events, state }])
      this.#state = state
    })
      .then(() => this.#pump())
      .catch(error => this.#warn(error))
  }

  #warn(error: unknown): void {
    this.#logger.warn('the index of the ledger is behind', { height: this.#height, error: String(error) })
  }

  /** Brings in what is stored and not yet in the index. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (!this.#stopped && this.#height < this.#chain.height) await this.#exclusive(() => this.#addStored())
    } finally {
      this.#pumping = false
    }
  }

  async #addStored(): Promise<void> {
    const blocks: IndexedBlock[] = []
    // A snapshot left blocks out, or they were pruned before they came in here: what they moved is not known.
    const gap = this.#chain.lowest > this.#height + 1
    const from = gap ? this.#chain.lowest : this.#height + 1
    const to = Math.min(this.#chain.height, from + BLOCKS_PER_BATCH - 1)
    // A block that was just committed came in by itself meanwhile.
    if (to < from) return
    for (let height = from; height <= to && !this.#stopped; height++) {
      const found = await this.#chain.blockAt(height)
      if (!found) break
      blocks.push({ height, time: found.block.header.time, events: found.events, state: null })
    }
    if (this.#stopped) return
    const newest = blocks.at(-1)
    if (newest?.height === this.#chain.state.height) blocks[blocks.length - 1] = { ...newest, state: this.#chain.state }
    if (blocks.length === 0) throw new HydraError('STORAGE_CORRUPT', `Block ${from} is not stored.`)
    if (gap) this.#since = from
    await this.#write(blocks)
    this.#noteState(this.#chain.state)
  }

  #noteState(state: LedgerState): void {
    this.#state = state.height === this.#height ? state : null
  }

  async #write(blocks: readonly IndexedBlock[], more: readonly WriteOperation[] = []): Promise<void> {
    const operations = [...more]
    const changed = new Map<Address, Totals>()
    for (const block of blocks) operations.push(...(await this.#operationsOf(block, changed)))
    for (const [address, totals] of changed)
      operations.push({ type: 'put', key: totalsKey(address), value: encode(totalsCodec, totals) })
    const updates = await this.updates.operationsOf(blocks)
    operations.push(...updates.operations)
    const { height } = blocks.at(-1)!
    operations.push({ type: 'put', key: CURSOR, value: encode(cursorCodec, { height, since: this.#since }) })
    await this.#db.batch(operations, { sync: false })
    this.#height = height
    updates.written()
    for (const [address, totals] of changed) this.#cache(address, totals)
    for (const block of blocks) this.#noteEarnings(block)
  }

  async #operationsOf(block: IndexedBlock, changed: Map<Address, Totals>): Promise<WriteOperation[]> {
    const operations: WriteOperation[] = []
    const { height, time } = block
    const moved = new Map<Address, Micro>()
    for (const event of block.events) {
      for (const account of new Set(accountsOf(event)))
        changed.set(account, addEvent(changed.get(account) ?? (await this.#totalsOf(account)), event, account))
      for (const { account } of moneyOf(event))
        moved.set(account, (moved.get(account) ?? 0n) + rewardOf(event, account))
      if (event.type === 'model') {
        const { version, round, evaluation, updates } = event
        const value = encode(versionCodec, { version, round, height, time, evaluation, updates })
        operations.push({ type: 'put', key: versionKey(event.model, version), value })
      }
    }
    for (const [account, earned] of moved)
      operations.push({ type: 'put', key: entryKey(account, height), value: encode(markCodec, { time, earned }) })
    return operations
  }

  async #totalsOf(address: Address): Promise<Totals> {
    const cached = this.#totals.get(address)
    if (cached) return cached
    const stored = await this.#db.get(totalsKey(address))
    return stored ? decode(totalsCodec, stored) : NO_TOTALS
  }

  #cache(address: Address, totals: Totals): void {
    this.#totals.delete(address)
    this.#totals.set(address, totals)
    const [oldest] = this.#totals.keys()
    if (this.#totals.size > MAX_CACHED_ACCOUNTS && oldest !== undefined) this.#totals.delete(oldest)
  }

  #noteEarnings({ time, events }: IndexedBlock): void {
    if (time <= this.#now() - HOUR_MS) return
    const amount = events.reduce((sum, event) => sum + rewardOf(event, this.#self), 0n)
    if (amount > 0n) this.#recent.push({ time, amount })
    if (this.#recent.length > MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT)
  }
}

function heightText(height: number): string {
  return String(height).padStart(16, '0')
}

function totalsKey(address: Address): string {
  return `${PREFIX}/totals/${address}`
}

function entryKey(address: Address, height: number): string {
  return `${PREFIX}/entry/${address}/${heightText(height)}`
}

function versionKey(model: string, version: number): string {
  return `${PREFIX}/model/${model}/${heightText(version)}`
}
