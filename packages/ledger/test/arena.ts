/**
 * A dispute played out block by block on the ledger's own rules. Training is replaced by a function on numbers that is one
 * to one, so that chains that part never meet again; parties tell the truth, lie or say nothing as they are told to.
 */
import {
  type Address,
  type Findings,
  fromHex,
  type Hash,
  HydraError,
  type LightFindings,
  MerkleTree,
  type Mismatch,
  type Recipe,
  sectionsOf,
  segmentsOf,
  ZERO_HASH,
} from '@hydraai/core'
import { advanceDisputes, openDispute } from '../src/disputes/dispute.ts'
import { narrowsDue, picksDue, rulingsDue } from '../src/disputes/duties.ts'
import { applyRuling, type RulingAnswer, type RulingQuestion } from '../src/disputes/ruling.ts'
import type { JudgedVerdict, LedgerEvent } from '../src/events.ts'
import { genesisState } from '../src/genesis/genesisState.ts'
import { checkChallenge, stepsOfSegment } from '../src/rounds/challenge.ts'
import { isContradicted } from '../src/rounds/findings.ts'
import { emptyAccount } from '../src/state/account.ts'
import { Draft } from '../src/state/draft.ts'
import { withWrites } from '../src/state/sortedTable.ts'
import type {
  Account,
  Challenge,
  LedgerState,
  Outcome,
  Round,
  TracePoint,
  Update,
  Verdict,
} from '../src/state/types.ts'
import { applyNarrow } from '../src/transactions/narrow.ts'
import { applyPick } from '../src/transactions/pick.ts'
import { digestOf, genesisOf, MODEL, person } from './world.ts'

/** 0..n-1. */
export type Chance = (n: number) => number

/** What a party does in a dispute. `honest` tells the truth; `away` told it and is gone since; `liar` does what chance says. */
export type Conduct = 'honest' | 'away' | 'liar'

export interface Trainer {
  readonly conduct: Conduct
  /** First segment whose end is not what training comes to; null: the trace is true. */
  readonly falseFrom: number | null
  readonly falseSeal: boolean
  readonly falseKey: number | null
  readonly falseLoss: boolean
  readonly opens: boolean
}

export const HONEST_TRAINER: Trainer = {
  conduct: 'honest',
  falseFrom: null,
  falseSeal: false,
  falseKey: null,
  falseLoss: false,
  opens: true,
}

/** `agree` says what the trainer says; the others make something up, of that kind. */
export type Lie = 'agree' | 'light' | 'trace' | 'copied-trace' | 'seal' | 'key'

export interface Verifier {
  readonly conduct: Conduct
  /** Segments to replay; null: all. */
  readonly segments: number | null
  readonly lie: Lie
  readonly stake: bigint
}

export interface Setting {
  readonly steps: number
  readonly every: number
  /** Number of steps after which true training comes to nothing finite. */
  readonly divergesAt?: number
  readonly trainer: Trainer
  readonly trainerStake: bigint
  readonly exposure: bigint
  readonly verifiers: readonly Verifier[]
  readonly chance: Chance
  /** Whether anybody rules at all. */
  readonly rules?: boolean
}

export interface Ending {
  /** Null: there was nothing to dispute about. */
  readonly outcome: Outcome | null
  readonly blocks: number
  readonly events: readonly LedgerEvent[]
  readonly judgements: readonly JudgedVerdict[]
  readonly state: LedgerState
}

const SEED = 0x1234567
/** Largest finite float32: nothing is suspicious. */
const MAX_LOSS = 0x7f7fffff
const TRUE_LIGHT: LightFindings = { fault: null, lossBefore: 1000, lossAfter: 900, freshBefore: 1000, freshAfter: 950 }
const SEALED = { payload: digestOf('payload'), residual: null }
const hashOfState = (state: number): Hash => `1${state.toString(16).padStart(63, '0')}` as Hash
const keyOf = (leaf: Hash): Hash => `2${leaf.slice(1)}` as Hash
export const addressAt = (index: number): Address => `0x${String(index).padStart(40, '0')}` as Address
export const TRAINER = addressAt(50)

export class Arena {
  readonly recipe: Recipe
  readonly all: number
  readonly setting: Setting
  readonly #truth: Uint32Array
  /** What the trainer's trace holds, by segment. */
  readonly leaves: readonly Hash[]
  readonly #tree: MerkleTree
  readonly update: Update
  state: LedgerState

  constructor(setting: Setting) {
    this.setting = setting
    const genesis = genesisOf([person('founder')])
    const [model] = genesis.models
    this.recipe = { ...model!.recipe, stepsPerUnit: setting.steps, traceEvery: setting.every }
    this.all = segmentsOf(this.recipe)
    this.#truth = new Uint32Array(setting.steps + 1)
    this.#truth[0] = SEED
    for (let step = 0; step < setting.steps; step++) this.#truth[step + 1] = after(this.#truth[step]!, step)
    const { falseFrom } = setting.trainer
    this.leaves = Array.from({ length: this.all }, (_, segment) =>
      falseFrom !== null && segment >= falseFrom ? this.#noise() : this.truthAt(this.#endOf(segment)),
    )
    this.#tree = new MerkleTree(this.leaves.map(leaf => fromHex(leaf)))
    this.state = this.#begin()
    this.update = this.#judged()
  }

  truthAt(step: number): Hash {
    return step >= (this.setting.divergesAt ?? Number.POSITIVE_INFINITY) ? ZERO_HASH : hashOfState(this.#truth[step]!)
  }

  #endOf(segment: number): number {
    return stepsOfSegment(this.recipe, segment).to
  }

  #due(segments: number | null): number {
    return Math.min(segments ?? this.all, this.all)
  }

  #noise(): Hash {
    return hashOfState(0x80000000 + this.setting.chance(0x7fffffff))
  }

  /** What the steps after `from` up to `to` make of a state. */
  #run(before: Hash | null, from: number, to: number): Hash | null {
    if (before === ZERO_HASH) return null
    if (before === null ? from === 0 : before === this.truthAt(from)) {
      const true_ = this.truthAt(to)
      return true_ === ZERO_HASH ? null : true_
    }
    let state = Number.parseInt(before!.slice(1), 16)
    for (let step = from; step < to; step++) state = after(state, step)
    return hashOfState(state)
  }

  #begin(): LedgerState {
    const { verifiers, trainerStake } = this.setting
    const base = genesisState(genesisOf([person('founder')]))
    const account = (stake: bigint): Account => ({ ...emptyAccount, stake, reputation: 60, registered: true })
    const writes = new Map<Address, Account>([[TRAINER, account(trainerStake)]])
    let minted = base.minted + trainerStake
    for (const [index, { stake }] of verifiers.entries()) {
      writes.set(addressAt(index), account(stake))
      minted += stake
    }
    const model = { ...base.models.get(MODEL)!, recipe: this.recipe }
    const accounts = withWrites(base.accounts, writes)
    return { ...base, minted, accounts, models: withWrites(base.models, new Map([[MODEL, model]])) }
  }

  /** The update as it is when its round settles. */
  #judged(): Update {
    const { trainer, verifiers, exposure } = this.setting
    const reveal = {
      ...SEALED,
      payload: trainer.falseSeal ? digestOf('false payload') : SEALED.payload,
      payloadBytes: 1000,
      traceRoot: this.#tree.root,
    }
    const keys = this.leaves.map((leaf, i) => (i === trainer.falseKey ? digestOf('false key') : keyOf(leaf)))
    const claims = { lossBefore: 1000, lossAfter: trainer.falseLoss ? 1 : 900, keys, planted: false }
    const update: Update = {
      ...{ trainer: TRAINER, unit: 0, transaction: digestOf('commit'), commitment: digestOf('c'), seal: digestOf('s') },
      ...{
        residualBefore: null,
        reveal,
        included: true,
        trainerWeight: 0n,
        exposure,
        outcome: 'disputed',
        verdicts: [],
      },
      verifiers: verifiers.map(({ segments }, i) => ({
        address: addressAt(i),
        weight: 1n,
        segments: this.#due(segments),
      })),
      claims: trainer.opens ? claims : null,
    }
    const verdicts = verifiers.map((verifier, i) => this.#verdictOf(update, verifier, addressAt(i)))
    return { ...update, verdicts }
  }

  #verdictOf(update: Update, verifier: Verifier, address: Address): Verdict {
    const silent = { verifier: address, digest: digestOf('d'), transaction: digestOf('t') }
    const said = verifier.conduct === 'liar' ? this.#lies(update, verifier) : this.#finds(update, verifier)
    try {
      checkChallenge(this.recipe, update, said.findings, said.challenge)
    } catch (error) {
      if (!(error instanceof HydraError) || verifier.conduct !== 'liar') throw error
      return { ...silent, findings: null, challenge: null } // refused: as good as nothing said
    }
    return { ...silent, ...said }
  }

  /** What an honest replay finds. */
  #finds(update: Update, { segments }: Verifier): { findings: Findings; challenge: Challenge | null } {
    const replayed = this.#due(segments)
    if (replayed === 0) return { findings: { ...TRUE_LIGHT, replay: null }, challenge: null }
    const wrongAt = this.leaves.slice(0, replayed).findIndex((leaf, i) => leaf !== this.truthAt(this.#endOf(i)))
    const agreed = this.leaves.slice(0, wrongAt === -1 ? replayed : wrongAt)
    const sealsAlike = replayed < this.all || update.reveal!.payload === SEALED.payload
    const seal: Mismatch | null = sealsAlike ? null : { type: 'seal' }
    const mismatch: Mismatch | null = wrongAt === -1 ? seal : { type: 'trace', segment: wrongAt }
    const replay = { segments: replayed, keys: agreed.map(keyOf), mismatch }
    return { findings: { ...TRUE_LIGHT, replay }, challenge: this.#challengeOf(mismatch) }
  }

  #challengeOf(mismatch: Mismatch | null): Challenge | null {
    if (mismatch === null) return null
    if (mismatch.type === 'seal') return { type: 'seal', after: this.pointAt(this.all - 1) }
    const { from, to } = stepsOfSegment(this.recipe, mismatch.segment)
    return this.traceChallenge(
      mismatch.segment,
      sectionsOf(from, to).map(step => this.truthAt(step)),
    )
  }

  traceChallenge(segment: number, hashes: readonly Hash[]): Challenge {
    const before = segment === 0 ? { leaf: null, proof: [] } : this.pointAt(segment - 1)
    return { type: 'trace', segment, before, after: this.pointAt(segment), hashes }
  }

  pointAt(segment: number): TracePoint {
    return { leaf: this.leaves[segment]!, proof: this.#tree.proof(segment) }
  }

  #lies(update: Update, { lie }: Verifier): { findings: Findings; challenge: Challenge | null } {
    const { chance } = this.setting
    const all = this.leaves.map(keyOf)
    const light = update.claims === null ? TRUE_LIGHT : { ...TRUE_LIGHT, lossAfter: update.claims.lossAfter }
    const agreement = { ...light, replay: { segments: this.all, keys: update.claims?.keys ?? all, mismatch: null } }
    switch (lie) {
      case 'agree':
        return { findings: agreement, challenge: null }
      case 'light':
        return { findings: { ...agreement, freshAfter: 1 + chance(1000) }, challenge: null }
      case 'seal': {
        const replay = { segments: this.all, keys: all, mismatch: { type: 'seal' as const } }
        return { findings: { ...TRUE_LIGHT, replay }, challenge: this.#challengeOf(replay.mismatch) }
      }
      case 'key': {
        const keys = all.with(chance(this.all), digestOf('another key'))
        return { findings: { ...TRUE_LIGHT, replay: { segments: this.all, keys, mismatch: null } }, challenge: null }
      }
      case 'trace':
      case 'copied-trace': {
        const wrongAt = this.leaves.findIndex((leaf, i) => leaf !== this.truthAt(this.#endOf(i)))
        // A copied one says first what an honest challenger would, and goes wrong later.
        const segment = lie === 'copied-trace' && wrongAt !== -1 ? wrongAt : chance(this.all)
        const { from, to } = stepsOfSegment(this.recipe, segment)
        const sections = sectionsOf(from, to)
        const copies = lie === 'copied-trace' && wrongAt !== -1
        const hashes = sections.map(step => (copies || chance(2) === 0 ? this.truthAt(step) : this.#noise()))
        const mismatch: Mismatch = { type: 'trace', segment }
        const replay = { segments: this.all, keys: all.slice(0, segment), mismatch }
        return { findings: { ...TRUE_LIGHT, replay }, challenge: this.traceChallenge(segment, hashes) }
      }
    }
  }

  /** Opens the dispute, if there is anything to dispute about, and lets everybody play until it is over. */
  play(limit = 1000): Ending {
    const events: LedgerEvent[] = []
    if (!isContradicted(this.update)) return { outcome: null, blocks: 0, events, judgements: [], state: this.state }
    const round: Round = {
      ...{ model: MODEL, number: 1, openedAt: 0, phase: 'disclose', phaseEndsAt: 0, beacon: digestOf('b') },
      ...{ base: digestOf('base'), drawBeacon: digestOf('draw'), heldOutLoss: MAX_LOSS, expected: [] },
      updates: [this.update],
    }
    this.#block(events, draft => openDispute(draft, round, this.update))
    const begun = this.state.height
    while (this.state.disputes.size > 0 && this.state.height - begun < limit) {
      this.#block(events, draft => {
        this.#move(draft)
        this.#rule(draft)
        advanceDisputes(draft)
      })
    }
    const last = events.findLast(event => event.type === 'update')
    return {
      outcome: last?.type === 'update' ? last.outcome : 'disputed',
      blocks: this.state.height - begun,
      events,
      judgements: last?.type === 'update' ? last.verdicts : [],
      state: this.state,
    }
  }

  #block(events: LedgerEvent[], step: (draft: Draft) => void): void {
    const { chainId, parameters, founders, time, beacon, history, height } = this.state
    const block = { chainId, parameters, founders, time, beacon, history, height: height + 1, proposer: null }
    const draft = Draft.over(this.state, block)
    step(draft)
    this.state = { ...this.state, ...draft.tables(), height: height + 1 }
    for (const event of draft.events) events.push(event)
  }

  #move(draft: Draft): void {
    const { trainer, verifiers } = this.setting
    const place = { model: MODEL, round: 1, trainer: TRAINER, unit: 0 }
    for (const { question } of picksDue(this.state, TRAINER)) {
      const index = this.#pick(trainer.conduct, question)
      const action = { type: 'pick' as const, ...place, index: index ?? 0 }
      if (index !== null) attempt(draft, trainer.conduct, inner => applyPick(contextOf(inner, TRAINER), action))
    }
    for (const [i, { conduct }] of verifiers.entries()) {
      for (const { question } of narrowsDue(this.state, addressAt(i))) {
        const hashes = this.#narrow(conduct, question)
        const action = { type: 'narrow' as const, ...place, hashes: hashes ?? [] }
        if (hashes !== null) attempt(draft, conduct, inner => applyNarrow(contextOf(inner, addressAt(i)), action))
      }
    }
  }

  #pick(conduct: Conduct, { from, to, hashes }: { from: number; to: number; hashes: readonly Hash[] }): number | null {
    const { chance } = this.setting
    if (conduct === 'honest') return sectionsOf(from, to).findIndex((step, i) => hashes[i] !== this.truthAt(step))
    return conduct === 'away' || chance(3) === 0 ? null : chance(hashes.length + 1)
  }

  #narrow(conduct: Conduct, { from, to, after }: { from: number; to: number; after: Hash }): readonly Hash[] | null {
    const { chance } = this.setting
    const sections = sectionsOf(from, to)
    if (conduct === 'honest') return sections.map(step => this.truthAt(step))
    if (conduct === 'away' || chance(3) === 0) return null
    const wrongCount = chance(8) === 0 ? 1 : 0
    const hashes = sections.map(step => (chance(2) === 0 ? this.truthAt(step) : this.#noise()))
    return [...hashes.slice(0, -1), chance(8) === 0 ? this.#noise() : after].slice(wrongCount)
  }

  #rule(draft: Draft): void {
    if (this.setting.rules === false) return
    for (const { question } of rulingsDue(this.state)) {
      if (this.setting.chance(4) === 0) continue // not computed yet, or this proposer is not willing
      const answer = this.#answer(question)
      if (answer !== null) applyRuling(draft, { model: MODEL, round: 1, trainer: TRAINER, unit: 0, answer })
    }
  }

  /** The truth, if the state that it takes can be had. */
  #answer(question: RulingQuestion): RulingAnswer | null {
    switch (question.type) {
      case 'findings':
        return { type: 'findings', findings: TRUE_LIGHT }
      case 'step': {
        const { before, from, to } = question
        return this.#isServed(before, from) ? { type: 'step', after: this.#run(before, from, to) } : null
      }
      case 'key': {
        const leaf = this.leaves[question.segment]!
        return this.#isServed(leaf, this.#endOf(question.segment)) ? { type: 'key', key: keyOf(leaf) } : null
      }
      case 'seal':
        return this.#isServed(question.leaf, this.setting.steps) ? { type: 'seal', ...SEALED } : null
    }
  }

  /** Honest parties serve what training comes to, as far as they ran it; liars what chance says. */
  #isServed(state: Hash | null, step: number): boolean {
    if (state === null) return true
    const { trainer, verifiers, chance } = this.setting
    const parties = [
      trainer.conduct,
      ...verifiers.filter(({ segments }) => segments !== 0).map(({ conduct }) => conduct),
    ]
    if (state === this.truthAt(step) && parties.includes('honest')) return true
    return parties.includes('liar') && chance(40) === 0
  }
}

/** One to one in `state`. */
function after(state: number, step: number): number {
  return (Math.imul(state ^ step, 0x9e3779b1) + 0x7f4a7c15) >>> 0
}

function contextOf(draft: Draft, sender: Address) {
  return { draft, sender, publicKey: person('founder').publicKey, transaction: digestOf('move') }
}

/** What an honest party does is never refused. */
function attempt(draft: Draft, conduct: Conduct, step: (draft: Draft) => void): void {
  try {
    draft.attempt(step)
  } catch (error) {
    if (conduct === 'honest' || !(error instanceof HydraError)) throw error
  }
}

/** What accounts hold, bound or not, less what the rules made and burnt: 0 when the money adds up. */
export function leak({ accounts, unbondings, minted, burnt }: LedgerState): bigint {
  let held = 0n
  for (const { balance, stake } of accounts.values()) held += balance + stake
  for (const { amount } of unbondings.values()) held += amount
  return held - minted + burnt
}
