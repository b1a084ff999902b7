import { type Findings, float32Bits, type KeyPair, sectionsOf } from '@hydraai/core'
import fc from 'fast-check'
import {
  type Action,
  type Challenge,
  type ComputedResult,
  committeeOf,
  disclosuresDue,
  narrowsDue,
  opensDue,
  openWork,
  picksDue,
  type RulingAnswer,
  type RulingQuestion,
  revealsDue,
  rulingsDue,
  type SignedTransaction,
  signTransaction,
  verificationDuties,
} from '../src/index.ts'
import {
  attackBy,
  digestOf,
  discloseOf,
  findingsOf,
  MODEL,
  mismatchAt,
  person,
  publishOf,
  queryOf,
  SEGMENTS,
  signedPrecommit,
  TEST_PARAMETERS,
  type UnitPlace,
  verdictOf,
  World,
  workOf,
} from './world.ts'

/** One thing that somebody tries, sensible or not. */
export interface Attempt {
  kind:
    | 'transfer'
    | 'register'
    | 'stake'
    | 'commit'
    | 'reveal'
    | 'verdict'
    | 'open'
    | 'disclose'
    | 'pick'
    | 'narrow'
    | 'evidence'
    | 'attack'
    | 'unstake'
    | 'presence'
    | 'query'
    | 'publish'
    | 'wrong-nonce'
  who: number
  whom: number
  amount: bigint
  tip: bigint
  unit: number
  yes: boolean
}

export interface Step {
  attempts: Attempt[]
  /** Bit i: person i does what is due. */
  diligent: number
  /** Bit i: person i finds something else than there is in whatever it verifies. */
  liars: number
  /** Whose precommit is missing, if the rest can do without. */
  silent: number
  /** Whether the block brings what can be computed; a base leaves out the first `leftOut` updates if there are more. */
  computes: boolean
  leftOut: number
  /** In which round of consensus the block is decided. */
  round: number
}

const FOUNDERS = 4
const newcomers = ['n0', 'n1', 'n2'].map(person)

const attempt: fc.Arbitrary<Attempt> = fc.record({
  kind: fc.constantFrom<Attempt['kind'][]>(
    'transfer',
    'transfer',
    'register',
    'stake',
    'stake',
    'commit',
    'reveal',
    'verdict',
    'open',
    'disclose',
    'pick',
    'narrow',
    'evidence',
    'attack',
    'unstake',
    'unstake',
    'presence',
    'presence',
    'query',
    'publish',
    'wrong-nonce',
  ),
  who: fc.nat(6),
  whom: fc.nat(6),
  amount: fc.oneof(fc.bigInt({ min: 0n, max: 3_000_000n }), fc.constantFrom(0n, 1n, 1_000_000n, (1n << 63n) - 1n)),
  tip: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 100_000n })),
  unit: fc.nat(3),
  yes: fc.boolean(),
})

/** What happens in a chain's life, block by block. */
export const script: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    attempts: fc.array(attempt, { maxLength: 4 }),
    diligent: fc.oneof(fc.constant(127), fc.nat(127)),
    liars: fc.oneof(fc.constant(0), fc.nat(127)),
    silent: fc.nat(8),
    computes: fc.boolean(),
    leftOut: fc.nat(2),
    round: fc.oneof(fc.constant(0), fc.nat(3)),
  }),
  { minLength: 5, maxLength: 40 },
)

const phases = { work: 2, workLimit: 3, reveal: 2, base: 2, verify: 3, disclose: 2, aggregate: 2 }
const disputes = { moveBlocks: 2, rulingBlocks: 3 }
/** Everything that takes hours on a chain, within a script: three votes of seven people, epochs of two blocks. */
const spans = {
  epochBlocks: 2,
  committeeSize: 3,
  restEpochs: 2,
  dormantBlocks: 6,
  evidenceBlocks: 4,
  unbondingBlocks: 7,
}

export function newWorld(): World {
  const parameters = { ...TEST_PARAMETERS, phases, disputes, ...spans }
  const world = new World({ founders: FOUNDERS, genesis: { parameters } })
  world.stakers = newcomers
  return world
}

/** Takes the world one block further; returns what was offered. */
export function play(world: World, step: Step) {
  const people = [...world.founders, ...newcomers]
  const pending = new Map<KeyPair, number>()
  const offered: SignedTransaction[] = []
  const send = (keys: KeyPair, action: Action, tip = 0n) => {
    const ahead = pending.get(keys) ?? 0
    pending.set(keys, ahead + 1)
    offered.push(world.sign(keys, action, ahead, tip))
  }
  for (const [i, keys] of people.entries()) {
    if ((step.diligent >> i) % 2 === 1)
      for (const action of due(world, keys, (step.liars >> i) % 2 === 0)) send(keys, action)
  }
  for (const entry of step.attempts)
    tryOne(world, people, entry, (keys, action) => send(keys, action, entry.tip), offered)
  world.commitRound = step.round
  world.silent.clear()
  const { validators, totalPower } = committeeOf(world.state)
  const silent = validators[step.silent]
  if (silent !== undefined && 3 * (totalPower - silent.power) > 2 * totalPower) world.silent.add(silent.address)
  const computed = [...world.results().map(result => leavingOut(result, step.leftOut)), ...rulings(world, people)]
  const results = step.computes ? computed : []
  return { offered, results, ...world.offer(offered, results) }
}

function leavingOut(result: ComputedResult, count: number): ComputedResult {
  if (result.type !== 'base' || result.included.length <= count) return result
  return { ...result, included: result.included.slice(count) }
}

/** The truth of these tests: every second unit is false, as those say who contradict it; else its trainer is right. */
const isFalse = (unit: number) => unit === 1

function rulings(world: World, people: readonly KeyPair[]): ComputedResult[] {
  return rulingsDue(world.state).map(({ dispute, question }) => {
    const { model, round, update } = dispute
    const { trainer, unit } = update
    const keys = people.find(({ address }) => address === trainer)!
    return { type: 'ruling', model, round, trainer, unit, answer: truth(keys, { model, round, unit }, question) }
  })
}

function truth(trainer: KeyPair, place: UnitPlace, question: RulingQuestion): RulingAnswer {
  const { replay: _, ...findings } = findingsOf(trainer, place)
  const { payload, keys } = workOf(trainer, place.round, place.unit, place.model)
  const other = digestOf('something else')
  const wrong = isFalse(place.unit)
  if (question.type === 'findings') return { type: 'findings', findings }
  if (question.type === 'key') return { type: 'key', key: wrong ? other : keys[question.segment]! }
  if (question.type === 'seal') return { type: 'seal', payload: wrong ? other : payload, residual: null }
  return { type: 'step', after: wrong ? question.after : other }
}

function due(world: World, keys: KeyPair, honest: boolean): Action[] {
  const { state } = world
  const { address } = keys
  const keysOf = (whose: string) => [...world.founders, ...newcomers].find(one => one.address === whose)!
  return [
    ...openWork(state, address).flatMap(({ model, round, unit }) =>
      unit === null ? [] : [workOf(keys, round, unit, model).commit],
    ),
    ...revealsDue(state, address).map(({ model, round, update }) => workOf(keys, round, update.unit, model).reveal),
    ...[...verificationDuties(state, address), ...disclosuresDue(state, address)].map(duty => {
      const { model, round, update } = duty
      const trainer = keysOf(update.trainer)
      const place = { model, round, unit: update.unit }
      const lies = !honest && round % 2 === update.unit % 2
      const { findings, challenge } = lies ? lieOf(trainer, place) : honestly(trainer, place)
      if (!('verdict' in duty)) return verdictOf(keys, trainer, place, findings)
      return discloseOf(keys, trainer, place, findings, challenge)
    }),
    ...opensDue(state, address).map(
      ({ model, round, update }) => workOf(keysOf(update.trainer), round, update.unit, model).open,
    ),
    ...picksDue(state, address).map(({ dispute, question }) => {
      const { model, round, update } = dispute
      const index = question.hashes.length - 1
      return { type: 'pick' as const, model, round, trainer: update.trainer, unit: update.unit, index }
    }),
    ...narrowsDue(state, address).map(({ dispute, question }) => {
      const { model, round, update } = dispute
      const steps = sectionsOf(question.from, question.to)
      const hashes = steps.map(step => (step === question.to ? question.after : digestOf(`state at ${step}`)))
      return { type: 'narrow' as const, model, round, trainer: update.trainer, unit: update.unit, hashes }
    }),
  ]
}

interface Said {
  findings: Findings
  challenge: Challenge | null
}

const honestly = (trainer: KeyPair, place: UnitPlace): Said => ({
  findings: findingsOf(trainer, place),
  challenge: null,
})

/** Another loss of one's first units, another trace of later ones. */
function lieOf(trainer: KeyPair, place: UnitPlace): Said {
  if (place.unit === 0)
    return { findings: findingsOf(trainer, place, SEGMENTS, { lossAfter: float32Bits(1) }), challenge: null }
  return mismatchAt(trainer, place, place.unit)
}

function tryOne(
  world: World,
  people: readonly KeyPair[],
  { kind, who, whom, amount, unit, yes }: Attempt,
  send: (keys: KeyPair, action: Action) => void,
  offered: SignedTransaction[],
): void {
  const { state, round } = world
  const sender = people[who]!
  const other = people[whom]!
  const settled = { round: world.settling?.number ?? round.number, unit }
  if (kind === 'transfer') send(sender, { type: 'transfer', to: other.address, amount, memo: yes ? 'memo' : '' })
  else if (kind === 'register') send(sender, world.register(sender).action)
  else if (kind === 'stake') send(sender, { type: 'stake', amount })
  else if (kind === 'commit') send(sender, workOf(sender, round.number, unit).commit)
  else if (kind === 'reveal') send(sender, workOf(yes ? sender : other, round.number, unit).reveal)
  else if (kind === 'verdict') send(sender, { ...verdictOf(sender, other, settled), digest: digestOf('guess') })
  else if (kind === 'open') send(sender, { ...workOf(other, settled.round, unit).open, lossAfter: Number(amount % 9n) })
  else if (kind === 'disclose') send(sender, discloseOf(sender, other, settled, honestly(other, settled).findings))
  else if (kind === 'pick')
    send(sender, { type: 'pick', ...settled, model: MODEL, trainer: other.address, index: unit })
  else if (kind === 'narrow')
    send(sender, { type: 'narrow', ...settled, model: MODEL, trainer: other.address, hashes: [] })
  else if (kind === 'unstake') send(sender, { type: 'unstake', amount })
  else if (kind === 'presence') send(sender, { type: 'presence' })
  else if (kind === 'publish') send(sender, publishOf({ model: yes ? `mine-${unit}` : MODEL }))
  else if (kind === 'query') send(sender, queryOf(state, yes ? sender : people[unit]!, other, { tokens: unit }))
  else if (kind === 'wrong-nonce') {
    const nonce = (world.account(sender)?.nonce ?? 0) + (yes ? 7 : 1)
    const action: Action = { type: 'transfer', to: other.address, amount: 1n, memo: MODEL }
    offered.push(signTransaction(sender, { chainId: state.chainId, nonce, action }))
  } else if (kind === 'attack') {
    if (amount % 16n === 0n) send(sender, { type: 'evidence', evidence: attackBy(world, [other]) })
  } else if (amount % 16n === 0n) {
    // Slashing is rare, so that chains live.
    const votes = ['one', 'two'].map(id => signedPrecommit(state.chainId, other, state.height, digestOf(id)))
    send(sender, { type: 'evidence', evidence: { type: 'duplicate-vote', a: votes[0]!, b: votes[1]! } })
  }
}
