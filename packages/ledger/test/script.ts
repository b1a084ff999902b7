import type { KeyPair } from '@hydraai/core'
import fc from 'fast-check'
import {
  type Action,
  committeeOf,
  openWork,
  proposableUpdates,
  revealsDue,
  type SignedTransaction,
  settlesDue,
  signTransaction,
  verificationDuties,
} from '../src/index.ts'
import {
  attackBy,
  digestOf,
  MODEL,
  person,
  publishOf,
  queryOf,
  signedPrecommit,
  TEST_PARAMETERS,
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
    | 'settle'
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
  /** Bit i: person i votes "invalid" on whatever it verifies. */
  liars: number
  /** Whose precommit is missing, if the rest can do without. */
  silent: number
  aggregates: boolean
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
    'settle',
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
    aggregates: fc.boolean(),
    round: fc.oneof(fc.constant(0), fc.nat(3)),
  }),
  { minLength: 5, maxLength: 40 },
)

const phases = { ...TEST_PARAMETERS.phases, aggregate: 2 }
/** Everything that takes hours on a chain, within a script: three votes of seven people, epochs of three blocks. */
const spans = {
  epochBlocks: 3,
  committeeSize: 3,
  restEpochs: 2,
  dormantBlocks: 6,
  evidenceBlocks: 4,
  unbondingBlocks: 7,
}

export function newWorld(): World {
  const parameters = { ...TEST_PARAMETERS, phases, ...spans }
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
  const waiting = proposableUpdates(world.state)
  const updates = step.aggregates ? waiting.map(({ model }) => world.modelUpdate(model)) : []
  return { offered, updates, ...world.offer(offered, updates) }
}

function due(world: World, keys: KeyPair, honest: boolean): Action[] {
  const { state } = world
  const keysOf = (address: string) => [...world.founders, ...newcomers].find(one => one.address === address)!
  return [
    ...openWork(state, keys.address).flatMap(({ model, round, unit }) =>
      unit === null ? [] : [workOf(keys, round, unit, model).commit],
    ),
    ...revealsDue(state, keys.address).map(
      ({ model, round, update }) => workOf(keys, round, update.unit, model).reveal,
    ),
    ...verificationDuties(state, keys.address).map(({ model, round, update }) =>
      verdictOf(keys, keysOf(update.trainer), { model, round, unit: update.unit }, honest),
    ),
    ...settlesDue(state, keys.address).map(
      ({ model, round, update }) => workOf(keysOf(update.trainer), round, update.unit, model).settle,
    ),
  ]
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
  const place = { round: round.number, unit }
  if (kind === 'transfer') send(sender, { type: 'transfer', to: other.address, amount, memo: yes ? 'memo' : '' })
  else if (kind === 'register') send(sender, world.register(sender).action)
  else if (kind === 'stake') send(sender, { type: 'stake', amount })
  else if (kind === 'commit') send(sender, workOf(sender, round.number, unit).commit)
  else if (kind === 'reveal') send(sender, workOf(yes ? sender : other, round.number, unit).reveal)
  else if (kind === 'verdict') send(sender, verdictOf(sender, other, place, yes, digestOf('guess')))
  else if (kind === 'settle') send(sender, workOf(other, round.number, unit).settle)
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
