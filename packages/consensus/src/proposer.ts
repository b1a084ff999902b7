import { addressBytes, fromHex, type Hash, taggedHash } from '@hydraai/core'
import { type Committee, committeeHash, type Validator } from './committee.ts'

/** Slots that a schedule has at most, but for the one that even the weakest validator gets. */
const SCHEDULE_SLOTS = 1000

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/**
 * Small integers in the proportions of the powers: exact where the powers, divided by their greatest common divisor,
 * already fit into the slots; otherwise rounded down, and never below 1, so that everybody's turn comes.
 */
export function slotWeights(committee: Committee): number[] {
  const { validators, totalPower } = committee
  const divisor = validators.reduce((d, { power }) => gcd(power, d), 0)
  if (totalPower / divisor <= SCHEDULE_SLOTS) return validators.map(({ power }) => power / divisor)
  const total = BigInt(totalPower)
  const weights = validators.map(({ power }) => Math.max(1, Number((BigInt(power) * BigInt(SCHEDULE_SLOTS)) / total)))
  const common = weights.reduce(gcd, 0)
  return weights.map(weight => weight / common)
}

/** The turns of a committee as far as they were asked for, and where the round robin stands after them. */
interface Schedule {
  readonly order: readonly Validator[]
  /** Of each validator in that order. */
  readonly weights: readonly number[]
  readonly slots: number
  readonly credits: number[]
  /** Place in the order of the validator of each turn. */
  readonly turns: number[]
}

/**
 * The members in an order of which the whole committee decides: by address, keys could be made whose turns follow one
 * another.
 */
export function turnOrder(committee: Committee): { validator: Validator; weight: number }[] {
  const salt = fromHex(committeeHash(committee))
  const placeOf = ({ address }: Validator): Hash => taggedHash('hydra/turn/1', salt, addressBytes(address))
  const weights = slotWeights(committee)
  return committee.validators
    .map((validator, i) => ({ validator, weight: weights[i]!, place: placeOf(validator) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
}

/** Committees are values that do not change, so a schedule made once serves as long as its committee lives. */
const schedules = new WeakMap<Committee, Schedule>()

function scheduleOf(committee: Committee): Schedule {
  let schedule = schedules.get(committee)
  if (schedule === undefined) {
    const members = turnOrder(committee)
    const weights = members.map(({ weight }) => weight)
    const slots = weights.reduce((sum, weight) => sum + weight, 0)
    schedule = {
      order: members.map(({ validator }) => validator),
      weights,
      slots,
      credits: weights.map(() => 0),
      turns: [],
    }
    schedules.set(committee, schedule)
  }
  return schedule
}

/** One turn more. */
function extend({ weights, slots, credits, turns }: Schedule): void {
  let chosen = 0
  for (let i = 0; i < credits.length; i++) {
    credits[i]! += weights[i]!
    if (credits[i]! > credits[chosen]!) chosen = i
  }
  credits[chosen]! -= slots
  turns.push(chosen)
}

/**
 * Who proposes at that height and round: the smooth weighted round robin, in which each has turns in proportion to its
 * power, spread as evenly as can be. One schedule serves for ever: a height or a round further is one slot further, so
 * whoever is silent costs one round, and every validator's turn comes in any run of rounds as long as the schedule.
 * At most about 1,000 × validators steps for each committee object; what was counted is kept with it.
 */
export function proposerOf(committee: Committee, height: number, round: number): Validator {
  const schedule = scheduleOf(committee)
  const { order, slots, turns } = schedule
  const slot = ((height % slots) + (round % slots)) % slots
  while (turns.length <= slot) extend(schedule)
  return order[turns[slot]!]!
}
