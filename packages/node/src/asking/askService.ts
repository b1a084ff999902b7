import {
  type Address,
  type Clock,
  formatAmount,
  fromHex,
  type Hash,
  type KeyPair,
  type Micro,
  signBytes,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { accountOf, type Block, type LedgerState, senderOf } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import type { KeyValueStore } from '@hydraai/storage'
import type { AnswerCompute } from '../compute/answering.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'
import type { PeerBook } from '../sync/peerBook.ts'
import { AnswerServer, type AnswerServerParts } from './answerServer.ts'
import { Asker } from './asker.ts'
import { Debts } from './debts.ts'
import type { AskEvent, Question } from './events.ts'
import { modeOfDataset } from './mode.ts'
import { OwnPayments } from './ownPayments.ts'
import { askableModels, ReadyModels, type TextModel } from './readyModels.ts'
import { Versions } from './versions.ts'

/** A model that can be asked now. */
export interface AskableModel {
  readonly model: string
  readonly version: number
  /** Peers that answer for it. */
  readonly servers: number
  /** HYDRA, as text. */
  readonly price: string
}

export interface AskServiceParts {
  readonly keys: KeyPair
  readonly clock: Clock
  readonly network: Network
  readonly db: KeyValueStore
  readonly compute: AnswerCompute
  readonly library: Library
  readonly peers: PeerBook
  readonly mempool: Mempool
  readonly outbox: Outbox
  readonly journal: Journal
  readonly logger: Logger
  readonly state: () => LedgerState
  readonly synced: () => boolean
  readonly heightOf: (transaction: Hash) => Promise<number | undefined>
  readonly nameOf: (address: Address) => string
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly tamper?: AnswerServerParts['tamper']
}

/** Questions and answers: answers those of peers, puts those of this node's owner to peers, and keeps the accounts of both. */
export class AskService {
  readonly #parts: AskServiceParts
  readonly #models: ReadyModels
  readonly #versions = new Versions()
  readonly #modes = new Map<Hash, 'answer' | 'continue'>()
  #asker: Asker | null = null
  #debts: Debts | null = null
  #payments: OwnPayments | null = null
  /** Models whose newest version is held here. */
  #held: readonly string[] = []
  #work: Promise<unknown> = Promise.resolve()
  #stopped = false
  #count = 0

  constructor(parts: AskServiceParts) {
    this.#parts = parts
    this.#models = new ReadyModels(parts)
  }

  /** Begins to answer. Call it before the network starts. */
  async start(): Promise<void> {
    const { db, keys, outbox, mempool, heightOf, logger, journal, network, state, synced, nameOf } = this.#parts
    const { tamper } = this.#parts
    const debts = await Debts.open(db)
    const payments = await OwnPayments.open({ self: keys.address, db, outbox, mempool, heightOf, logger })
    this.#debts = debts
    this.#payments = payments
    this.#asker = new Asker({
      ...this.#parts,
      models: this.#models,
      versions: this.#versions,
      payments,
      promised: () => this.#promised(),
      freshHash: () => this.#freshHash(),
      modeOf: model => this.#modeOf(model),
    })
    const server = new AnswerServer({
      keys,
      debts,
      models: this.#models,
      logger,
      state,
      synced,
      onAnswered: ({ request, tokens }) =>
        journal.write(
          'INFO',
          `Answered a question of ${nameOf(request.asker)} with ${tokens} tokens of ${request.model}`,
        ),
      ...(tamper && { tamper }),
    })
    server.serve(network)
    this.#versions.onState(state())
    await this.#lookWhatIsHeld(state())
  }

  stop(): void {
    this.#stopped = true
  }

  /** The models this node answers for, for its status. */
  serves(): string[] {
    const { state, synced, keys } = this.#parts
    const isPayable = accountOf(state(), keys.address).registered
    return !this.#stopped && isPayable && synced() ? [...this.#held] : []
  }

  /** After every final block. */
  onBlock(block: Block, state: LedgerState): void {
    this.#versions.onState(state)
    this.#models.onState(state)
    // One block after the other, so that none of the accounts is read while it is written.
    this.#work = this.#work
      .then(() => this.#keepAccounts(block, state))
      .catch(error => this.#parts.logger.warn('the accounts of answers could not be kept', { error: String(error) }))
  }

  /** Never throws; see {@link Asker.ask}. */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<AskEvent> {
    if (this.#asker === null) throw new Error('the service has not started')
    return this.#asker.ask(question, signal)
  }

  /** Answers whose payment no block holds yet. */
  get owed(): number {
    return this.#payments?.size ?? 0
  }

  info(): AskableModel[] {
    const state = this.#parts.state()
    const price = formatAmount(state.parameters.fees.query)
    return askableModels(state).map(({ id, version }) => ({
      model: id,
      version,
      servers: this.#asker?.servers(id).length ?? 0,
      price,
    }))
  }

  async #keepAccounts(block: Block, state: LedgerState): Promise<void> {
    if (this.#stopped) return
    const self = this.#parts.keys.address
    const earned: Hash[] = []
    const spent: Hash[] = []
    for (const transaction of block.transactions) {
      const { action } = transaction
      if (action.type !== 'query') continue
      if (action.server === self) earned.push(action.request)
      if (senderOf(transaction) === self) spent.push(action.request)
    }
    await this.#debts?.settle(earned, state.height)
    await this.#payments?.onState(state, spent)
    await this.#lookWhatIsHeld(state)
  }

  async #lookWhatIsHeld(state: LedgerState): Promise<void> {
    const held: string[] = []
    for (const model of askableModels(state)) if (await this.#models.isHere(model)) held.push(model.id)
    this.#held = held
    // Before the first question, which would have to wait for it.
    const [first] = this.serves()
    if (first !== undefined && this.#models.isIdle) {
      this.#models.keepReady(first)
      this.#models.onState(state)
    }
  }

  /** Only who holds the key could foresee it. */
  #freshHash(): Hash {
    const { keys, clock, random, state } = this.#parts
    const seed = utf8(`${clock.now()} ${this.#count++} ${random()}`)
    return taggedHash('hydra/nonce/1', fromHex(keys.sign(signBytes(state().chainId, 'nonce', seed))))
  }

  #promised(): Micro {
    const { mempool, keys, state } = this.#parts
    const price = state().parameters.fees.query
    let sum = 0n as Micro
    for (const id of mempool.ids()) {
      const transaction = mempool.get(id)
      if (transaction === undefined || senderOf(transaction) !== keys.address) continue
      const { action } = transaction
      if (action.type === 'transfer' || action.type === 'stake') sum += action.amount
      if (action.type === 'query') sum += price
    }
    return sum
  }

  /** How the model was trained to be spoken to, by its dataset if that is here. */
  async #modeOf(model: TextModel): Promise<'answer' | 'continue'> {
    const known = this.#modes.get(model.data)
    if (known) return known
    const { library } = this.#parts
    if (!(await library.has(model.data))) return 'answer'
    const mode = modeOfDataset(await library.get(model.data))
    if (this.#modes.size >= 64) this.#modes.clear()
    this.#modes.set(model.data, mode)
    return mode
  }
}
