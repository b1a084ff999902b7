import { type Address, formatAmount, type Hash, HydraError } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { accountOf, type Block, conflictOf, type Genesis, type LedgerState, type LightBlock } from '@hydraai/ledger'
import { BlobStore, SignerStore } from '@hydraai/storage'
import { eventText } from './api/views/words.ts'
import type { AnswerServerParts } from './asking/answerServer.ts'
import { AskService } from './asking/askService.ts'
import { Chain, type CommittedBlock } from './chain/chain.ts'
import { MIN_KEEP_BLOCKS, Pruner } from './chain/pruner.ts'
import { SNAPSHOT_BLOCKS, Snapshots } from './chain/snapshots.ts'
import { BlockJudge } from './consensus/blocks.ts'
import { ConsensusHost } from './consensus/host.ts'
import { Signer } from './consensus/signer.ts'
import { Journal } from './journal.ts'
import { Library } from './library.ts'
import { EvidenceDesk } from './membership/evidenceDesk.ts'
import { Membership } from './membership/membership.ts'
import { Newcomer } from './membership/newcomer.ts'
import { Mempool } from './mempool/mempool.ts'
import { Outbox } from './mempool/outbox.ts'
import { type NodePorts, untilStopped } from './ports.ts'
import type { BlockSync } from './sync/blockSync.ts'
import { Exchange } from './sync/exchange.ts'
import type { LightFetch } from './sync/lightFetch.ts'
import { makeSync } from './sync/makeSync.ts'
import type { SyncMode, TrustedPoint } from './sync/options.ts'
import { PeerBook } from './sync/peerBook.ts'
import type { Status } from './sync/protocols.ts'
import { PublishedDocuments } from './sync/publishedDocuments.ts'
import { noChecker } from './sync/signatures/checker.ts'
import { TrainingActivity } from './training/activity.ts'
import { CONTENT_LIFETIME_BLOCKS, contentNamedBy } from './training/content.ts'
import { Documents } from './training/documents.ts'
import { ModelKinds } from './training/kinds.ts'
import { grouped } from './training/labels.ts'
import { readOnly, writeOnly } from './training/only.ts'
import { keepDocuments, restoreDocuments } from './training/published.ts'
import type { Results } from './training/results/results.ts'
import { TrainingServices } from './training/services.ts'
import { type TrainingTamper, tamperedAction, withholding } from './training/tamper.ts'
import type { Trainer } from './training/trainer.ts'
import type { Verifier } from './training/verifier.ts'

/** A node whose newest block is younger than this many intervals has kept up, whatever peers say of theirs. */
const FRESH_INTERVALS = 3
const PRUNE_EVERY_BLOCKS = 50

export interface NodeOptions {
  readonly genesis: Genesis
  readonly name: string
  /** Bond the first stake once it is earned. */
  readonly stakes?: boolean
  readonly trains?: boolean
  /** How it catches up when it is far behind: see SyncMode. */
  readonly sync?: SyncMode
  /** A block that its owner has from somebody they believe. */
  readonly trust?: TrustedPoint | null
  /** How many of the latest blocks it keeps, at least {@link MIN_KEEP_BLOCKS}; null keeps all, which is the default. */
  readonly keepBlocks?: number | null
  /** Blocks from one snapshot of its state to the next. */
  readonly snapshotBlocks?: number
  /** Deviations from the protocol, for the adversaries of tests and simulations. */
  readonly tamper?: TrainingTamper & { readonly answer?: AnswerServerParts['tamper'] }
}

/** One node: every service over the ports it was given. Starts whole and stops whole. */
export class HydraNode {
  readonly name: string
  readonly address: Address
  readonly chain: Chain
  readonly consensus: ConsensusHost
  readonly mempool: Mempool
  readonly outbox: Outbox
  readonly peers: PeerBook
  readonly sync: BlockSync
  readonly light: LightFetch
  readonly snapshots: Snapshots
  readonly exchange: Exchange
  readonly library: Library
  readonly documents: Documents
  readonly kinds: ModelKinds
  readonly results: Results
  readonly trainer: Trainer
  readonly verifier: Verifier
  readonly newcomer: Newcomer
  readonly membership: Membership
  readonly evidence: EvidenceDesk
  readonly asking: AskService
  readonly journal: Journal
  readonly activity = new TrainingActivity()
  readonly ports: NodePorts
  readonly startedAt: number
  readonly #training: TrainingServices
  readonly #pruner: Pruner | null
  readonly #documents: PublishedDocuments
  #named: ReadonlySet<Hash>
  #stopped = false

  private constructor(
    options: NodeOptions,
    ports: NodePorts,
    chain: Chain,
    consensusLog: ConsensusLog,
    signer: Signer,
  ) {
    const { clock, network, storage, compute, keys, random } = ports
    const logger = untilStopped(ports.logger, () => this.#stopped)
    const self = keys.address
    this.ports = ports
    this.name = options.name
    this.address = self
    this.chain = chain
    this.startedAt = clock.now()
    const journal = new Journal({ clock, logger })
    this.journal = journal
    this.mempool = new Mempool(chain.state)
    this.#named = contentNamedBy(chain.state)
    const { tamper = {} } = options
    this.outbox = new Outbox({
      ...{ chainId: chain.chainId, keys, mempool: this.mempool, logger },
      tamper: tamperedAction(tamper),
    })
    this.peers = new PeerBook({ network, clock, logger, own: () => this.#status() })
    this.library = new Library({
      blobs: new BlobStore(storage.db),
      db: storage.db,
      network: tamper.serve ? withholding(network, tamper.serve) : network,
      peers: this.peers,
      logger,
    })
    const { library, outbox, activity } = this
    const documents = new Documents({ library, compute, journal })
    this.documents = documents
    this.kinds = new ModelKinds(library)
    this.#documents = new PublishedDocuments({ library, kinds: this.kinds, logger })
    const kindOf = this.kinds.of
    const nameOf = (address: Address) => this.nameOf(address)
    this.#training = new TrainingServices({
      ...{
        keys,
        clock,
        db: storage.db,
        compute,
        library,
        documents,
        outbox,
        journal,
        activity,
        logger,
        nameOf,
        kindOf,
      },
      trains: options.trains !== false,
      tamper,
    })
    this.results = this.#training.results
    this.trainer = this.#training.trainer
    this.verifier = this.#training.verifier
    const { stakes = true } = options
    this.newcomer = new Newcomer({ chainId: chain.chainId, keys, name: options.name, clock, outbox, journal })
    const stateful = { db: storage.db, outbox, journal, logger, state: () => chain.state }
    this.membership = new Membership({ ...stateful, keys, stakes })
    this.evidence = new EvidenceDesk({ ...stateful, publicKey: keys.publicKey, nameOf })
    this.asking = new AskService({
      ...{ keys, clock, network, db: storage.db, compute, library, peers: this.peers, mempool: this.mempool, outbox },
      ...{ journal, logger, random, nameOf },
      state: () => chain.state,
      synced: () => this.synced,
      heightOf: transaction => chain.heightOfTransaction(transaction),
      ...(tamper.answer && { tamper: tamper.answer }),
    })
    const judge = new BlockJudge({ chain, mempool: this.mempool, results: this.results, clock, logger })
    this.consensus = new ConsensusHost({
      chain,
      judge,
      signer,
      log: consensusLog,
      clock,
      logger,
      self,
      publish: message => this.exchange.publishConsensus(message),
      onEvidence: evidence => this.evidence.report(evidence),
      onTwin: () =>
        this.journal.write(
          'WARN',
          'Another node votes with the key of this one. Stop one of them: two that sign against each other lose the stake. This one is silent for a while',
        ),
      random,
    })
    const onAdvanced = () => this.consensus.chainAdvanced()
    const { consensus, mempool, peers } = this
    const { signatures = noChecker } = ports
    const { sync: mode = 'auto', trust = null, keepBlocks = null, snapshotBlocks: every = SNAPSHOT_BLOCKS } = options
    const snapshots = new Snapshots({ chain, db: storage.db, library, logger, every })
    this.snapshots = snapshots
    const { sync, light } = makeSync({
      ...{ network, chain, peers, library, snapshots, clock, logger, random, signatures, mode, trust, onAdvanced },
      onConflict: (one, other) => this.#reportFork(one, other),
    })
    this.sync = sync
    this.light = light
    const keep = keepBlocks === null ? null : Math.max(MIN_KEEP_BLOCKS, keepBlocks)
    this.#pruner = keep === null ? null : new Pruner({ chain, keep, logger })
    this.exchange = new Exchange({ network, chain, consensus, mempool, peers, clock, logger, random })
  }

  /** Opens what is stored (or begins at genesis). Nothing runs and nothing leaves before {@link start}. */
  static async open(options: NodeOptions, ports: NodePorts): Promise<HydraNode> {
    if (options.genesis.engine !== ENGINE_SHA256)
      throw new HydraError(
        'ENGINE_MISMATCH',
        `The network computes with engine ${options.genesis.engine.slice(0, 16)}, this release is ${ENGINE_SHA256.slice(0, 16)}.`,
        { advice: 'Install the release that the network runs.' },
      )
    const { storage, keys, logger } = ports
    const chain = await Chain.open({
      genesis: options.genesis,
      storage,
      onListenerError: error => logger.error('a listener failed', { error: String(error) }),
    })
    const log = await storage.openLog('consensus')
    const signer = await Signer.open(chain.chainId, keys, new SignerStore(storage.db))
    const node = new HydraNode(options, ports, chain, log, signer)
    node.trainer.only = await readOnly(storage.db)
    await node.membership.load()
    await node.evidence.load()
    return node
  }

  /** Starts the network and every service. Throws when the network cannot listen. */
  async start(): Promise<void> {
    const { network } = this.ports
    this.exchange.serve()
    this.library.start()
    await this.asking.start()
    this.peers.strangers.add(({ peerId, reason }) =>
      this.journal.write('WARN', `Peer ${peerId.slice(-6)} is not used: ${reason}`),
    )
    await restoreDocuments(this.library, this.chain, this.chain.state)
    await this.kinds.refresh(this.chain.state)
    this.chain.committed.add(committed => this.#onBlock(committed))
    this.chain.restored.add(state => this.#onRestored(state))
    this.snapshots.follow(() => this.sync.target ?? 0)
    this.#pruner?.start()
    this.consensus.behind.add(height => this.sync.wanted(height))
    await network.start()
    this.peers.start()
    this.sync.start()
    await this.consensus.start()
    this.#onState(this.chain.state)
    this.exchange.start()
  }

  /** Stops signing first, then everything else. What was committed is on disk already. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.journal.close()
    this.exchange.stop()
    this.newcomer.stop()
    this.asking.stop()
    await this.consensus.stop()
    this.sync.stop()
    this.#pruner?.stop()
    this.peers.stop()
    await this.ports.network.stop()
    await this.ports.compute.close()
    await this.ports.signatures?.close()
    await this.chain.idle()
    await this.ports.storage.close()
    this.ports.keys.wipe()
  }

  get paused(): boolean {
    return this.trainer.paused
  }

  setPaused(paused: boolean): void {
    this.trainer.paused = paused
    this.journal.write('INFO', paused ? 'Training paused; this node still checks and votes' : 'Training resumed')
    if (!paused) this.trainer.onState(this.chain.state)
  }

  /** The one model that this node trains; null for all. */
  get only(): string | null {
    return this.trainer.only
  }

  /** From now on, and after every restart. @throws HydraError MODEL_UNKNOWN */
  async setOnly(model: string | null): Promise<void> {
    if (model !== null && !this.state.models.has(model))
      throw new HydraError('MODEL_UNKNOWN', `There is no model ${JSON.stringify(model)} on this network.`, {
        advice: 'See `model list` for those there are.',
      })
    await writeOnly(this.ports.storage.db, model)
    this.trainer.only = model
    this.journal.write('INFO', model === null ? 'Training all models' : `Training ${model} only`)
    this.trainer.onState(this.chain.state)
  }

  /** A name for people: the registered one, or the beginning of the address. */
  nameOf(address: Address): string {
    return accountOf(this.chain.state, address).name || `${address.slice(0, 8)}…`
  }

  /** True when the newest block is fresh, or while no usable peer is more than a block ahead: no claim outweighs a block. */
  get synced(): boolean {
    const { tip, genesis, height } = this.chain
    const isFresh = this.ports.clock.now() - tip.time < FRESH_INTERVALS * genesis.parameters.blockIntervalMs
    return (height > 0 && isFresh) || (this.sync.target ?? 0) <= height + 1
  }

  get state(): LedgerState {
    return this.chain.state
  }

  #status(): Status {
    const { tip, chainId, genesisHash } = this.chain
    const activity = this.activity.verifying ? 'verifying' : this.activity.training ? 'training' : 'synced'
    return {
      chainId,
      genesis: genesisHash,
      engine: ENGINE_SHA256,
      height: tip.height,
      hash: tip.hash,
      lowest: this.chain.lowest,
      name: this.name,
      address: this.address,
      activity: this.synced ? activity : 'syncing',
      serves: this.asking.serves(),
    }
  }

  #onBlock({ block, state, events }: CommittedBlock): void {
    const { height } = block.header
    for (const event of events) this.#tell(event)
    const warn = (error: unknown) => this.ports.logger.warn('documents were not kept', { error: String(error) })
    void keepDocuments(this.library, block)
      .then(() => this.kinds.refresh(state))
      .catch(warn)
    if (this.synced) this.journal.write('BLOCK', describeBlock(block, this.nameOf(block.header.proposer)))
    this.mempool.advance(state)
    this.asking.onBlock(block, state)
    this.#onState(state)
    void this.#prune(height, state).catch(error => this.ports.logger.warn('pruning failed', { error: String(error) }))
  }

  /** The chain went on from a snapshot: what follows the state is told where it is now. */
  #onRestored(state: LedgerState): void {
    this.journal.write('INFO', `Went on from a snapshot of block #${grouped(state.height)}`)
    this.#named = contentNamedBy(state)
    this.mempool.advance(state)
    this.#onState(state)
  }

  /** Two blocks of one height were decided. Whoever signed both in one round is reported to the ledger. */
  #reportFork(one: LightBlock, other: LightBlock): void {
    this.journal.write(
      'WARN',
      `Two different blocks #${grouped(one.header.height)} were decided: the network has forked`,
    )
    for (const evidence of conflictOf(one, other)?.duplicateVotes ?? []) this.evidence.report(evidence)
  }

  #onState(state: LedgerState): void {
    if (this.#stopped) return
    // A node that catches up computes nothing: the blocks that come have it done already.
    if (!this.synced) {
      this.activity.time.enter('off', this.ports.clock.now())
      return
    }
    this.#documents.seek(state)
    this.#training.onState(state)
    this.newcomer.onState(state)
    this.membership.onState(state)
    this.evidence.onState()
  }

  #tell(event: CommittedBlock['events'][number]): void {
    if (event.type === 'publish' || event.type === 'model' || event.type === 'model-dropped')
      this.journal.write(
        event.type === 'model-dropped' ? 'WARN' : 'INFO',
        eventText(event, who => this.nameOf(who)),
      )
    if (event.type === 'unit-reward' && event.account === this.address)
      this.journal.write('SUCCESS', `Earned ${formatAmount(event.amount)} HYDRA for a verified unit`)
    if (event.type === 'verdict-reward' && event.account === this.address)
      this.journal.write('SUCCESS', `Earned ${formatAmount(event.amount)} HYDRA for checking a unit`)
  }

  /** What the state no longer names (superseded parameters, payloads of old rounds) goes after a while. */
  async #prune(height: number, state: LedgerState): Promise<void> {
    const before = this.#named
    const named = contentNamedBy(state)
    this.#named = named
    for (const id of before) if (!named.has(id)) await this.library.expire(id, height + CONTENT_LIFETIME_BLOCKS)
    // While a node catches up it need not look at every block.
    if (this.synced || height % PRUNE_EVERY_BLOCKS === 0) await this.library.prune(height, named)
  }
}

type ConsensusLog = Awaited<ReturnType<NodePorts['storage']['openLog']>>

function describeBlock({ header, transactions }: Block, proposer: string): string {
  const count = transactions.length === 1 ? '1 transaction' : `${transactions.length} transactions`
  return `Block #${grouped(header.height)} by ${proposer}: ${count}`
}
