import {
  type Committee,
  type DriverEffect,
  type DriverState,
  driverStep,
  type Evidence,
  MAX_ROUNDS_AHEAD,
  proposerOf,
  type SignedProposal,
  type SignedVote,
  type TimeoutParameters,
  timeoutMs,
} from '@hydraai/consensus'
import { type Address, type Clock, encode, type Hash, HydraError, type PublicKey } from '@hydraai/core'
import { accountOf, endsEpoch, powerOf } from '@hydraai/ledger'
import type { Validation } from '@hydraai/network'
import type { AppendLog } from '@hydraai/storage'
import type { Chain } from '../chain/chain.ts'
import type { Listeners } from '../listeners.ts'
import type { Logger } from '../ports.ts'
import type { BlockJudge, Candidate } from './blocks.ts'
import { Candidates } from './candidates.ts'
import { HeightLog } from './heightLog.ts'
import { Intake, type News } from './intake.ts'
import { MessageHistory } from './messageHistory.ts'
import { consensusMessageCodec } from './messages.ts'
import { PART_BYTES, type Part, PartedBlock } from './parts.ts'
import { isTimely } from './proposalTime.ts'
import { answers, heightOf, type InputRecord, inputOf, keyOf, messageOf } from './records.ts'
import type { Signer } from './signer.ts'
import { DEFAULT_TIMEOUTS } from './timeouts.ts'
import { TwinGuard } from './twinGuard.ts'

/** An input on its way to the machine; own messages leave for the network once they are on disk. */
interface Queued {
  readonly record: InputRecord
  readonly broadcast: boolean
}

/** Votes beyond MAX_ROUNDS_AHEAD that are logged for each validator and round of ours: one says all that they can say. */
const MAX_FAR_VOTES = 100
/** Messages of the current height that are kept at most. */
const HISTORY_BOUNDS = { maxBytes: 32 * 1024 * 1024, maxCount: 100_000 }

export interface ConsensusParts {
  chain: Chain
  judge: BlockJudge
  signer: Signer
  log: AppendLog
  clock: Clock
  logger: Logger
  self: Address
  publish: (message: Uint8Array) => Promise<void>
  onEvidence: (evidence: Evidence) => void
  /** Another node signs with this node's key. */
  onTwin?: () => void
  /** Uniform in [0, 1). */
  random?: () => number
  timeouts?: TimeoutParameters
}

/**
 * Carries out what the pure consensus machine asks for: signs, gossips, keeps time, writes the log and commits blocks.
 * Inputs are taken one at a time, each on disk before the machine sees it, so that a restart replays to the same state.
 */
export class ConsensusHost {
  readonly #parts: ConsensusParts
  readonly #timeouts: TimeoutParameters
  #height = 0
  #committee: Committee
  #driver: DriverState | null = null
  #round = { round: 0, proposer: '' as Address }
  readonly #candidates = new Candidates()
  /** How many votes for rounds far ahead were taken from whom since our round began. */
  readonly #farVotes = new Map<Address, number>()
  /** Messages of the current height, kept for peers that missed them. */
  readonly #history = new MessageHistory(HISTORY_BOUNDS)
  readonly #intake: Intake
  readonly #log: HeightLog
  readonly #twins: TwinGuard
  #queue: Queued[] = []
  #draining = false
  /** The last of the turns that change what is voted on: they come one after the other. */
  #turns: Promise<void> = Promise.resolve()
  #timers = new Set<() => void>()
  /** What of this height was not signed for the sake of silence. */
  #unsaid: DriverEffect[] = []
  #stopped = true
  #halted: unknown = null

  constructor(parts: ConsensusParts) {
    this.#parts = parts
    this.#timeouts = parts.timeouts ?? DEFAULT_TIMEOUTS
    this.#committee = parts.chain.committee()
    this.#log = new HeightLog(parts.log)
    const { self, signer, clock, logger, random = () => 0.5, onTwin = () => {} } = parts
    const { parameters, time: foundedAt } = parts.chain.genesis
    const { blockIntervalMs } = parameters
    const onAlone = () => void this.#inTurn(() => this.#sayUnsaid())
    this.#twins = new TwinGuard({ self, signer, clock, logger, blockIntervalMs, foundedAt, random, onTwin, onAlone })
    this.#intake = new Intake({
      chainId: parts.chain.chainId,
      maxBlockBytes: parts.chain.genesis.parameters.maxBlockBytes,
      judge: parts.judge,
      candidates: this.#candidates,
      history: this.#history,
      view: () => ({
        height: this.#height,
        committee: this.#committee,
        round: this.#round.round,
        begun: this.#driver !== null,
        newcomerKey: address => this.#newcomerKey(address),
      }),
    })
  }

  /** A validator's signed message says that the network is beyond this height. */
  get behind(): Listeners<number> {
    return this.#intake.behind
  }

  /** A block has begun to come in parts: the root by which to ask for those that get lost. */
  get incomplete(): Listeners<Hash> {
    return this.#intake.incomplete
  }

  /** What the node is voting on now; `haltedBy` is the error that made it stop for good, a full disk say. */
  get progress(): { height: number; round: number; proposer: Address; halted: boolean; haltedBy: unknown } {
    return { height: this.#height, ...this.#round, halted: this.#halted !== null, haltedBy: this.#halted }
  }

  get validates(): boolean {
    return this.#committee.validators.some(validator => validator.address === this.#parts.self)
  }

  /** Replays the log of the height under vote, then takes part. Throws when the log cannot be read. */
  async start(): Promise<void> {
    this.#stopped = false
    this.#twins.begin()
    await this.#inTurn(() => this.#resumeOrBegin())
    if (this.#halted !== null) throw this.#halted
  }

  async #resumeOrBegin(): Promise<void> {
    const { height, records } = await this.#log.read()
    if (height === this.#parts.chain.height + 1) await this.#resume(records)
    else await this.#beginHeight()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#clearTimers()
    this.#twins.stop()
    this.#queue = []
    await this.#turns
  }

  /** The chain grew by other means than our own vote: take up the next height. */
  async chainAdvanced(): Promise<void> {
    if (this.#parts.chain.height < this.#height) return
    this.#queue = []
    await this.#inTurn(async () => {
      if (this.#parts.chain.height >= this.#height) await this.#beginHeight()
    })
  }

  /** A message from the network. Says whether it may be passed on. */
  onMessage(data: Uint8Array): Validation {
    if (this.#stopped) return 'ignore'
    const { validation, news } = this.#intake.take(data)
    this.#receive(news)
    return validation
  }

  /** Parts of a block that were asked for. */
  onParts(root: Hash, parts: readonly Part[]): void {
    if (!this.#stopped) this.#receive(this.#intake.takeParts(root, parts))
  }

  /** Indexes of what is missing of a block of this height; none when it is whole or nobody wants it any more. */
  missingOf(root: Hash): number[] {
    return this.#intake.missingOf(root)
  }

  /** Parts for a peer that misses them. */
  partsFor(root: Hash, indexes: readonly number[]): Part[] {
    return this.#intake.partsFor(root, indexes)
  }

  /** Everything this node has of `height`, for a peer that missed messages. */
  messagesOf(height: number): Uint8Array[] {
    return height === this.#height ? this.#history.messages() : []
  }

  #keepCandidate(candidate: Candidate): void {
    this.#candidates.keep(candidate, [this.#driver?.machine.lockedValue, this.#driver?.machine.validValue])
  }

  #receive(news: readonly News[]): void {
    for (const one of news) {
      this.#twins.heed(one.type === 'vote' ? one.vote : one.proposal)
      if (one.type === 'vote') {
        this.#enqueue({ record: one, broadcast: false })
      } else {
        this.#keepCandidate(one.candidate)
        void this.#judgeProposal(one)
      }
    }
  }

  /** At an epoch's end the next committee is drawn among all that are staked; within it nobody comes in. */
  #newcomerKey(address: Address): PublicKey | null {
    const { state } = this.#parts.chain
    if (!endsEpoch(state.parameters, this.#height)) return null
    const account = accountOf(state, address)
    return powerOf(account, state.parameters) > 0 ? account.publicKey : null
  }

  /** Runs beside the queue: a block that needs an aggregation waits for it without holding up votes. */
  async #judgeProposal({ proposal, payload, candidate }: Extract<News, { type: 'proposal' }>): Promise<void> {
    const timely = this.#isTimely(proposal, candidate)
    // A block that is proposed again in a later round keeps the name of who built it.
    const builder = proposal.validRound === -1 ? proposal.proposer : candidate.block.header.proposer
    const valid = await this.#parts.judge.judge(candidate, builder)
    if (proposal.height !== this.#height) return
    const record = { type: 'proposal' as const, proposal, block: candidate.bytes, payload, valid, timely }
    this.#enqueue({ record, broadcast: false })
  }

  /** By the time at which it came, however long it takes to judge the rest. */
  #isTimely({ round, validRound }: SignedProposal, { block }: Candidate): boolean {
    if (validRound !== -1) return true
    const { chain, clock, logger } = this.#parts
    const { time } = block.header
    const timely = isTimely({ time, parentTime: chain.tip.time, round }, clock.now())
    if (!timely) logger.warn('a proposed block is not of this time', { height: this.#height, round, time })
    return timely
  }

  /** Every vote for a yet later round is news to the machine; a validator could make millions. */
  #isFarFlood(record: InputRecord): boolean {
    if (record.type !== 'vote' || record.vote.round <= this.#round.round + MAX_ROUNDS_AHEAD) return false
    const { validator } = record.vote
    const taken = (this.#farVotes.get(validator) ?? 0) + 1
    this.#farVotes.set(validator, taken)
    return taken > MAX_FAR_VOTES
  }

  /** For peers that ask for what they missed. */
  #remember(record: InputRecord): void {
    const message = messageOf(record)
    if (message === null) return
    this.#history.add(keyOf(message), encode(consensusMessageCodec, message))
    if (record.type !== 'proposal' || record.payload === null) return
    const { proposal, payload } = record
    this.#intake.hold({ proposal, payload }, record.block)
  }

  #enqueue(input: Queued, front = false): void {
    if (this.#stopped || this.#halted !== null) return
    if (front) this.#queue.unshift(input)
    else this.#queue.push(input)
    if (this.#draining) return
    this.#draining = true
    void this.#inTurn(() => this.#drain())
  }

  async #drain(): Promise<void> {
    for (let input = this.#queue.shift(); input; input = this.#queue.shift()) await this.#process(input)
    this.#draining = false
  }

  /** Nothing that changes what is voted on runs beside another such thing. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    this.#turns = this.#turns.then(async () => {
      if (this.#stopped || this.#halted !== null) return
      try {
        await run()
      } catch (error) {
        this.#halt(error)
      }
    })
    return this.#turns
  }

  /** A full disk or a broken machine: stop voting rather than vote on what may be lost. */
  #halt(error: unknown): void {
    this.#halted = error
    this.#queue = []
    this.#clearTimers()
    this.#parts.logger.error('consensus stopped', { error: String(error) })
  }

  async #process({ record, broadcast }: Queued): Promise<void> {
    if (heightOf(record) !== this.#height || this.#driver === null) return
    const { state, effects } = driverStep(this.#driver, inputOf(record))
    // What changes nothing need not be found again after a restart, and nobody fills the log with it.
    if (state === this.#driver && effects.length === 0 && !broadcast) return
    if (effects.length === 0 && this.#isFarFlood(record)) return
    await this.#log.append(record)
    this.#driver = state
    this.#remember(record)
    if (broadcast) this.#broadcast(record)
    for (const effect of effects) await this.#carryOut(effect)
  }

  /** A large block goes out in parts, unless it is proposed again and most have it. */
  #broadcast(record: InputRecord): void {
    const message = messageOf(record)
    if (message === null) return
    const isLarge = message.type === 'announcement' && message.proposal.validRound === -1
    const messages = isLarge ? this.#intake.inParts(message) : [message]
    for (const one of messages)
      this.#parts
        .publish(encode(consensusMessageCodec, one))
        .catch(error => this.#parts.logger.debug('publish failed', { error: String(error) }))
  }

  async #carryOut(effect: DriverEffect): Promise<void> {
    switch (effect.type) {
      case 'EnterRound':
        this.#round = { round: effect.round, proposer: effect.proposer }
        this.#farVotes.clear()
        return
      case 'GetValue':
        return this.#buildValue(effect.height, effect.round)
      case 'SignProposal': {
        if (this.#isUnsaid(effect)) return
        const proposal = await this.#sign(() => this.#parts.signer.signProposal(effect.proposal))
        const candidate = this.#candidates.get(effect.proposal.valueId)
        if (proposal && candidate)
          this.#enqueue({ record: this.#ownProposal(proposal, candidate), broadcast: true }, true)
        return
      }
      case 'SignVote': {
        if (this.#isUnsaid(effect)) return
        const vote = await this.#sign(() => this.#parts.signer.signVote(effect.vote))
        if (vote) this.#enqueue({ record: { type: 'vote', vote }, broadcast: true }, true)
        return
      }
      case 'ScheduleTimeout':
        this.#after(timeoutMs(effect.timeout, this.#timeouts), () =>
          this.#enqueue({ record: { type: 'timeout', timeout: effect.timeout }, broadcast: false }),
        )
        return
      case 'Evidence':
        return this.#parts.onEvidence(effect.evidence)
      case 'Decide':
        return this.#decide(effect)
    }
  }

  /** While this node is silent, what it would sign is put aside: the machine believes that it has been said. */
  #isUnsaid(effect: DriverEffect): boolean {
    if (this.#twins.isSilent) this.#unsaid.push(effect)
    return this.#twins.isSilent
  }

  /** A height in which all were silent, as new founders of an old genesis are, would never end otherwise. */
  async #sayUnsaid(): Promise<void> {
    for (const effect of this.#unsaid.splice(0)) await this.#carryOut(effect)
  }

  #ownProposal(proposal: SignedProposal, { bytes }: Candidate): InputRecord {
    const isLarge = bytes.length > PART_BYTES
    const parts = isLarge ? { bytes: bytes.length, root: new PartedBlock(bytes).root } : null
    const payload = parts && this.#parts.signer.signPayload(proposal, parts)
    return { type: 'proposal', proposal, block: bytes, payload, valid: true, timely: true }
  }

  /** A refusal of the signer means that this very step was signed before a restart with other content: stay silent. */
  async #sign<T extends SignedVote | SignedProposal>(sign: () => Promise<T>): Promise<T | null> {
    try {
      return await sign()
    } catch (error) {
      if (!(error instanceof HydraError) || error.code !== 'DOUBLE_SIGN_REFUSED') throw error
      this.#parts.logger.warn('kept silent rather than sign twice', { error: error.message })
      return null
    }
  }

  #buildValue(height: number, round: number): void {
    // Block sync was faster, and the next height is about to begin.
    if (this.#parts.chain.height !== height - 1) return
    const candidate = this.#parts.judge.build(this.#parts.signer, round)
    this.#keepCandidate(candidate)
    const record = { type: 'value' as const, height, round, valueId: candidate.hash, block: candidate.bytes }
    this.#enqueue({ record, broadcast: false }, true)
  }

  async #decide({ height, valueId, commit }: Extract<DriverEffect, { type: 'Decide' }>): Promise<void> {
    const candidate = this.#candidates.get(valueId)
    if (!candidate) {
      // Crowded out by others. Those who locked it still have it, and block sync brings it.
      this.#parts.logger.warn('decided on a block that is not here any more', { height, valueId })
      return
    }
    this.#queue = []
    try {
      await this.#parts.chain.append(candidate.block, commit, candidate.applied ?? undefined)
    } catch (error) {
      // Block sync may have brought the same block in the meantime.
      if (!(error instanceof HydraError) || error.code !== 'BLOCK_OUT_OF_ORDER') throw error
    }
    await this.#beginHeight()
  }

  /** Empties the memory of the last height and begins the next one when the pace allows. */
  async #beginHeight(): Promise<void> {
    const { chain, clock } = this.#parts
    this.#clearTimers()
    this.#height = chain.height + 1
    this.#committee = chain.committee()
    this.#driver = null
    this.#unsaid = []
    this.#round = { round: 0, proposer: proposerOf(this.#committee, this.#height, 0).address }
    this.#candidates.clear()
    this.#intake.beginHeight()
    this.#history.clear()
    await this.#log.begin(this.#height)
    const interval = chain.genesis.parameters.blockIntervalMs
    const wait = chain.height === 0 ? 0 : chain.tip.time + interval - clock.now()
    this.#after(Math.max(0, Math.min(interval, wait)), () => void this.#inTurn(() => this.#enterHeight()))
  }

  async #enterHeight(): Promise<void> {
    if (this.#driver !== null) return
    for (const effect of this.#startDriver()) await this.#carryOut(effect)
    for (const data of this.#intake.releaseEarly()) this.onMessage(data)
  }

  #startDriver(): readonly DriverEffect[] {
    const self = this.validates ? this.#parts.self : null
    const start = { type: 'StartHeight' as const, height: this.#height, committee: this.#committee, self }
    const { state, effects } = driverStep(null, start)
    this.#driver = state
    return effects
  }

  /**
   * Runs the log through the same machine. What it asked for and what the log shows was done are set against each
   * other; only what was left undone when the process ended is carried out now.
   */
  async #resume(records: readonly InputRecord[]): Promise<void> {
    this.#height = this.#parts.chain.height + 1
    this.#committee = this.#parts.chain.committee()
    let open: DriverEffect[] = [...this.#startDriver()]
    for (const record of records) {
      if (record.type === 'proposal' || record.type === 'value') this.#restoreCandidate(record.block)
      if (record.type === 'proposal') this.#intake.countProposal(record.proposal.round)
      this.#remember(record)
      open = open.filter(effect => !answers(record, effect))
      const { state, effects } = driverStep(this.#driver, inputOf(record))
      this.#driver = state
      open.push(...effects)
    }
    this.#parts.logger.info('replayed the consensus log', { height: this.#height, records: records.length })
    for (const effect of open) await this.#carryOut(effect)
  }

  #restoreCandidate(bytes: Uint8Array): void {
    const candidate = this.#parts.judge.decode(bytes)
    if (!this.#candidates.get(candidate.hash)) this.#keepCandidate(candidate)
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(cancel)
      if (!this.#stopped) run()
    })
    this.#timers.add(cancel)
  }

  #clearTimers(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}
