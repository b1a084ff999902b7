/**
 * node packages/ledger/scripts/withholding.ts: what a proposer gains that keeps its block back at the end of an epoch, from
 * draws by the rule itself (`chooseMembers`). Deterministic; a few seconds.
 */
import { type Address, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import { type CommitteeCandidate, chooseMembers } from '../src/committee/draw.ts'
import { DEFAULT_PARAMETERS } from '../src/index.ts'

const STAKERS = 1000
const DRAWS = 4000
const { committeeSize: SEATS, epochBlocks, rewards, restEpochs } = DEFAULT_PARAMETERS

/** What a seat earns in an epoch, in HYDRA: its precommits and its turns to propose. */
const SEAT_VALUE = (epochBlocks * (Number(rewards.precommit) + Number(rewards.block) / SEATS)) / 1e6
/** What one block that is kept back costs, in seats for an epoch: the rest and the block's reward. */
const COST = restEpochs + Number(rewards.block) / 1e6 / SEAT_VALUE

/** Seats of the first `owned` of equal stakers, draw by draw. */
function seatsDrawn(owned: number): number[] {
  const candidates: CommitteeCandidate[] = Array.from({ length: STAKERS }, (_, i) => ({
    address: `0x${String(i).padStart(40, '0')}` as Address,
    publicKey: String(i).padStart(64, '0') as PublicKey,
    ...{ power: 1, chance: 1, rests: false },
  }))
  const mine = new Set(candidates.slice(0, owned).map(({ address }) => address))
  return Array.from({ length: DRAWS }, (_, draw) => {
    const beacon = taggedHash('withholding', utf8(`${owned} ${draw}`))
    return chooseMembers(candidates, SEATS, beacon).filter(({ address }) => mine.has(address)).length
  })
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Seats gained over the mean by who has k turns in a row and sees the outcome of each: it shows the block of whichever is
 * best, less what the turns before that one cost, or keeps all back for an outcome that it cannot see.
 */
function gainOf(seats: readonly number[], k: number, mean: number, cost: number): number {
  const groups = Array.from({ length: Math.floor(seats.length / k) }, (_, i) => seats.slice(i * k, i * k + k))
  return meanOf(groups.map(group => Math.max(mean - k * cost, ...group.map((x, i) => x - i * cost)))) - mean
}

/** Chance of at least `least` of `drawn` when `owned` of `among` are one's own: hypergeometric. */
function atLeast(least: number, drawn: number, owned: number, among: number): number {
  const logFactorial = [0]
  for (let n = 1; n <= among; n++) logFactorial.push(logFactorial[n - 1]! + Math.log(n))
  const logChoose = (n: number, k: number) => logFactorial[n]! - logFactorial[k]! - logFactorial[n - k]!
  let sum = 0
  for (let x = least; x <= Math.min(drawn, owned); x++)
    sum += Math.exp(logChoose(owned, x) + logChoose(among - owned, drawn - x) - logChoose(among, drawn))
  return sum
}

const row = (cells: readonly (string | number)[]) => console.log(cells.map(cell => String(cell).padStart(11)).join(''))

console.log(
  `${STAKERS} equal stakers, ${SEATS} seats, ${DRAWS} draws. A seat earns ${SEAT_VALUE.toFixed(2)} HYDRA an epoch.`,
)
console.log(`Seats gained in the next epoch; net: when each block kept back costs ${COST.toFixed(2)} seats.`)
row(['share p', 'k', 'mean', 'sigma', 'bound', 'free', 'net', 'P(>1/3)'])
for (const p of [0.1, 0.2, 0.33]) {
  const owned = Math.round(p * STAKERS)
  const seats = seatsDrawn(owned)
  const mean = SEATS * p
  const sigma = Math.sqrt(SEATS * p * (1 - p))
  const third = atLeast(Math.floor(SEATS / 3) + 1, SEATS, owned, STAKERS).toPrecision(2)
  for (const k of [1, 2, 4, Math.round(SEATS * p)]) {
    const bound = sigma * Math.sqrt(2 * Math.log(k + 1))
    const numbers = [mean, sigma, bound, gainOf(seats, k, mean, 0), gainOf(seats, k, mean, COST)]
    row([p, k, ...numbers.map(value => value.toFixed(2)), third])
  }
}
