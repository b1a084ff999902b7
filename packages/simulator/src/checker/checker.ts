import type { Commit, Validator } from '@hydraai/consensus'
import { type Address, type Clock, type Hash, taggedHash, utf8 } from '@hydraai/core'
import { type Block, committeeOf, type Genesis, stateRoot } from '@hydraai/ledger'
import type { CommittedBlock, ConsensusMessage, HydraNode } from '@hydraai/node'
import { type Accusation, accuse, guiltyOf } from '../byzantine/accuse.ts'
import { EvidenceWatch } from '../byzantine/evidenceWatch.ts'
import { ValidRoundWatch } from '../byzantine/validRoundWatch.ts'
import { Witness } from '../byzantine/witness.ts'
import type { Machine } from '../machine.ts'
import { Violation } from '../violation.ts'
import { AggregationWatch } from './aggregationWatch.ts'
import { Hearing } from './hearing.ts'
import { OwnWords } from './ownWords.ts'
import { Replica } from './replica.ts'
import { SignatureWatch } from './signatureWatch.ts'
import { WorkWatch } from './workWatch.ts'

export interface CheckerParts {
  readonly clock: Clock
  readonly genesis: Genesis
  /** The nodes train: a block may then wait for an aggregation before anybody knows whether it is valid. */
  readonly trains?: boolean
  /** Keep every message of consensus that somebody honest sent or heard, for whoever asks who broke safety. */
  readonly keepsMessages?: boolean
  /** With a third or more of the power Byzantine, agreement may break: it is noted as a {@link Fork}, no violation. */
  readonly mayFork?: boolean
}

/** A block as somebody honest committed it first. */
export interface Side {
  readonly by: string
  readonly hash: Hash
  readonly block: Block
  readonly commit: Commit
}

/** Two honest machines that committed different blocks at one height. */
export interface Fork {
  readonly height: number
  readonly sides: readonly Side[]
}

/** Blocks within which evidence is to be on the chain. */
const BLOCKS_TO_SLASH = 3

/** Who did at a height what nobody honest does, with the charges. */
export interface Accused {
  readonly accusations: readonly Accusation[]
  readonly guilty: readonly Validator[]
  readonly totalPower: number
}

/**
 * Watches every honest machine of a world at every commit and every message: one block a height for ever, each valid by
 * the rules on a replica of its own and with its quorum, nothing committed is lost, heights only grow, supply is what the
 * rules made, nobody honest signs two different things for one step, whatever happened in between, nobody honest can be accused
 * of having forgotten a lock, honest work is never refuted or punished, disputes end, and a model is what its accepted
 * updates make of it.
 */
export class Checker {
  readonly #parts: CheckerParts
  readonly #agreed = new Map<number, Side>()
  readonly #forks = new Map<number, Side[]>()
  readonly #heights = new Map<string, number>()
  readonly #signatures = new SignatureWatch()
  readonly #words = new OwnWords()
  readonly #hearing: Hearing
  readonly #replica: Replica
  readonly #witness: Witness
  readonly #evidence = new EvidenceWatch()
  readonly #validRounds = new ValidRoundWatch()
  readonly #workers = new Set<Address>()
  readonly #aggregations = new AggregationWatch(violation => {
    this.#violation ??= violation
  })
  /** What became of the units of the world. */
  readonly work = new WorkWatch(address => this.#workers.has(address))
  #history: Hash
  #highest = 0
  #violation: Violation | null = null

  constructor(parts: CheckerParts) {
    this.#parts = parts
    this.#history = taggedHash('simulated history')
    this.#hearing = new Hearing(parts.keepsMessages === true)
    this.#replica = new Replica(parts.genesis)
    this.#witness = new Witness({
      chainId: parts.genesis.chainId,
      committeeOf: height => (height === this.#replica.state.height + 1 ? committeeOf(this.#replica.state) : undefined),
    })
  }

  /** A digest of everything that was committed, where and when: equal for equal seeds. */
  get history(): Hash {
    return this.#history
  }

  /** The highest block that an honest machine committed. */
  get highest(): number {
    return this.#highest
  }

  get forks(): readonly Fork[] {
    return [...this.#forks].map(([height, sides]) => ({ height, sides }))
  }

  /** The state after {@link highest}, computed apart from every node. */
  get replica(): Replica {
    return this.#replica
  }

  heightOf(id: string): number {
    return this.#heights.get(id) ?? 0
  }

  /** What honest machines sent and heard of a height; kept only if the checker was told so. */
  messagesOf(height: number): readonly ConsensusMessage[] {
    return this.#hearing.messagesOf(height)
  }

  /** The first to commit a block of the height, with its commit. */
  sideOf(height: number): Side | undefined {
    return this.#agreed.get(height)
  }

  /** Versions of models that were computed anew from the updates that were accepted. */
  get aggregationsChecked(): number {
    return this.#aggregations.checked
  }

  onBoot(machine: Machine, node: HydraNode): void {
    if (machine.worksHonestly) this.#workers.add(machine.address)
    this.#validRounds.forget(machine.id)
    if (!machine.honest) return
    this.#guard(() => {
      const before = this.heightOf(machine.id)
      const { height, tip } = node.chain
      if (height < before)
        throw new Violation('durability', `${machine.id} lost block ${before}: it came back with block ${height}`)
      const agreed = this.#agreed.get(height)
      if (agreed && agreed.hash !== tip.hash && !this.#forks.has(height))
        throw new Violation('durability', `${machine.id} came back with another block ${height}: ${tip.hash}`)
    })
    node.chain.committed.add(committed => this.#guard(() => this.#onCommit(machine, committed)))
  }

  /** The node has started: its log is replayed. */
  onStarted(machine: Machine, node: HydraNode): void {
    if (machine.honest) this.#guard(() => this.#words.check(machine.id, node))
  }

  /** From now on the machine may be at any height: its disk is a new one. */
  onSetUpAnew(machine: Machine): void {
    this.#heights.delete(machine.id)
    this.#words.forget(machine.id)
    this.#note(`${machine.id} set up anew`)
  }

  /** What a node publishes, before anything is done to it: everything that it signs for consensus passes here. */
  onPublish(machine: Machine, topic: string, data: Uint8Array): void {
    if (!machine.honest || !topic.startsWith('consensus/')) return
    this.#guard(() => {
      const message = this.#hearing.take(data)
      if (message !== null) this.#words.say(machine.id, message, data)
      this.#signed(machine, message)
    })
  }

  /** What a node answers: messages of its own may leave it this way first, after a restart. */
  onAnswer(machine: Machine, protocol: string, response: Uint8Array): void {
    if (!machine.honest || !protocol.startsWith('consensus/')) return
    this.#guard(() => {
      for (const message of this.#hearing.takeAnswer(response)) this.#signed(machine, message)
    })
  }

  /** What an honest node hears. */
  onGossip(machine: Machine, topic: string, data: Uint8Array): void {
    if (!machine.honest || !topic.startsWith('consensus/')) return
    const message = this.#hearing.take(data)
    if (message === null) return
    this.#witness.hear(message)
    const { height } = machine.node?.consensus.progress ?? { height: 0 }
    if (message.type === 'vote') this.#evidence.hear(machine.id, height, message.vote)
    this.#guard(() => this.#watchRound(machine, message))
  }

  /** Of a model's aggregation nobody can say how long it keeps a block from being judged. */
  #watchRound(machine: Machine, message: ConsensusMessage): void {
    const committee = this.#witness.believed(message)
    const progress = machine.node?.consensus.progress
    if (committee === null || !progress || this.#replica.state.height + 1 !== progress.height) return
    if (machine.sharesKey || this.#parts.trains) return
    const { id, address } = machine
    const { height, round } = progress
    this.#validRounds.on({ id, address, height, round, now: this.#parts.clock.now() }, committee, message)
  }

  /** Whoever was caught voting twice in blocks after `from` must have lost the stake by now. @throws Violation */
  assertSlashed(from: number): void {
    const { state } = this.#replica
    for (const validator of this.#evidence.caughtBetween(from, state.height - BLOCKS_TO_SLASH)) {
      const account = state.accounts.get(validator)
      if (account && !account.slashed && account.stake > 0n)
        throw new Violation('evidence', `${validator} voted twice after block ${from} and keeps its stake`)
    }
  }

  /** What a peer answered to an honest node: messages that gossip lost may come this way alone. */
  onAnswered(machine: Machine, protocol: string, response: Uint8Array): void {
    if (!machine.honest || !protocol.startsWith('consensus/')) return
    for (const message of this.#hearing.takeAnswer(response)) this.#witness.hear(message)
  }

  /** Who broke the rules at a height, as far as honest machines saw. */
  accusedAt(height: number): Accused | null {
    const testimony = this.#witness.testimonyOf(height)
    if (testimony === undefined) return null
    const accusations = accuse(testimony)
    return { accusations, guilty: guiltyOf(testimony, accusations), totalPower: testimony.committee.totalPower }
  }

  /** What went wrong so far, if anything did. */
  get violation(): Violation | null {
    return this.#violation
  }

  /** Throws a Violation that a listener would have swallowed. */
  assertSafe(): void {
    if (this.#violation) throw this.#violation
  }

  #signed(machine: Machine, message: ConsensusMessage | null): void {
    if (message === null) return
    if (machine.sharesKey) this.#witness.hear(message)
    else {
      this.#signatures.watch(machine.address, message)
      this.#witness.say(machine.address, message, () => this.#heldBy(machine))
      this.#watchRound(machine, message)
    }
  }

  /** What a machine has of the height under vote. */
  #heldBy({ node }: Machine): ConsensusMessage[] {
    const consensus = node?.consensus
    const held = consensus?.messagesOf(consensus.progress.height) ?? []
    return held.map(data => this.#hearing.take(data)).filter(message => message !== null)
  }

  #onCommit(machine: Machine, { block, hash, commit, state, events }: CommittedBlock): void {
    const { height } = block.header
    const before = this.heightOf(machine.id)
    if (height <= before && before > 0)
      throw new Violation('heights', `${machine.id} committed block ${height} after block ${before}`)
    this.#heights.set(machine.id, height)
    this.#note(`${this.#parts.clock.now()} ${machine.id} committed ${height} ${hash}`)
    this.#witness.commit(commit)
    const agreed = this.#agreed.get(height)
    if (agreed && agreed.hash !== hash) this.#fork(agreed, { by: machine.id, hash, block, commit })
    if (!agreed) {
      this.#agreed.set(height, { by: machine.id, hash, block, commit })
      this.#highest = Math.max(this.#highest, height)
      if (this.#forks.size === 0) this.#follow(machine, block, commit, events)
    }
    const root = stateRoot(state)
    if (block.header.state !== root)
      throw new Violation('validity', `${machine.id} has another state after block ${height}: ${root}`)
  }

  /** The first to commit a block has all that its results were computed from. */
  #follow(machine: Machine, block: Block, commit: Commit, events: CommittedBlock['events']): void {
    const { state: before } = this.#replica
    this.#replica.follow(block, commit)
    this.work.follow(events, this.#replica.state)
    if (machine.node) this.#aggregations.follow(before, block.results, machine.node)
  }

  #fork(agreed: Side, other: Side): void {
    const { height } = other.block.header
    const finding = `block ${height}: ${agreed.by} has ${agreed.hash}, ${other.by} has ${other.hash}`
    if (!this.#parts.mayFork) throw new Violation('agreement', finding)
    const sides = this.#forks.get(height) ?? [agreed]
    if (!sides.some(({ hash }) => hash === other.hash)) sides.push(other)
    this.#forks.set(height, sides)
  }

  /** The first violation stays; a node's listener must not swallow it. */
  #guard(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#violation ??= error instanceof Violation ? error : new Violation('process', String(error))
    }
  }

  #note(text: string): void {
    this.#history = taggedHash(this.#history, utf8(text))
  }
}
