/**
 * node packages/ledger/scripts/withholding.ts: what a proposer gains that keeps its block back at the end of an epoch, from
 * draws by the rule itself (`chooseMembers`). Deterministic; about ten seconds.
 */
import { type Address, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import { type CommitteeCandidate, chooseMembers } from '../src/committee/draw.ts'
import { DEFAULT_PARAMETERS } from '../src/index.ts'

const STAKERS = 1000
const DRAWS = 4000
const { committeeSize: SEATS, epochBlocks, rewards, restEpochs } = DEFAULT_PARAMETERS

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

/** Mean seats of who knows the outcomes of k turns in a row, takes the best, or keeps back all k for one it does not know. */
function bestOf(seats: readonly number[], k: number, mean: number): number {
  const groups = Array.from({ length: Math.floor(seats.length / k) }, (_, i) => seats.slice(i * k, i * k + k))
  return meanOf(groups.map(group => Math.max(...group, mean)))
}

/** Chance of at least `least` of `drawn` when a share p of `among` is one's own: hypergeometric. */
function atLeast(least: number, drawn: number, owned: number, among: number): number {
  const logFactorial = [0]
  for (let n = 1; n <= among; n++) logFactorial.push(logFactorial[n - 1]! + Math.log(n))
  const logChoose = (n: number, k: number) => logFactorial[n]! - logFactorial[k]! - logFactorial[n - k]!
  let sum = 0
  for (let x = least; x <= Math.min(drawn, owned); x++)
    sum += Math.exp(logChoose(owned, x) + logChoose(among - owned, drawn - x) - logChoose(among, drawn))
  return sum
}

const seatValue = epochBlocks * (Number(rewards.precommit) + Number(rewards.block) / SEATS) * 1e-6
const row = (cells: readonly (string | number)[]) => console.log(cells.map(cell => String(cell).padStart(10)).join(''))

console.log(
  `A seat is worth ${seatValue.toFixed(2)} HYDRA an epoch. ${STAKERS} equal stakers, ${SEATS} seats, ${DRAWS} draws.`,
)
row(['p', 'mean', 'sigma', 'bound', 'k=1', '0.4 sigma', 'k=2', 'k=4', 'k=64p', 'P(X>1/3)'])
for (const p of [0.1, 0.2, 0.33]) {
  const seats = seatsDrawn(Math.round(p * STAKERS))
  const mean = SEATS * p
  const sigma = Math.sqrt(SEATS * p * (1 - p))
  const gain = (k: number) => (bestOf(seats, k, mean) - mean).toFixed(2)
  const third = atLeast(Math.floor(SEATS / 3) + 1, SEATS, Math.round(p * STAKERS), STAKERS)
  const bound = (sigma * Math.sqrt(2 * Math.log(2))).toFixed(2)
  const adjacent = Math.round(SEATS * p)
  row(
    [p, meanOf(seats).toFixed(2), sigma.toFixed(2), bound, gain(1), (0.4 * sigma).toFixed(2)].concat([
      gain(2),
      gain(4),
      gain(adjacent),
      third.toPrecision(2),
    ]),
  )
}

console.log(
  '\nHYDRA for one kept-back block: gained by k=1 (half of the time there is something to gain), lost, and the rest that',
)
console.log('it costs, by the number of equal stakers.')
row(['stakers', 'p=0.1', 'p=0.2', 'p=0.33', 'lost'])
for (const stakers of [65, 100, 150, 500, 5000]) {
  const spread = (stakers - SEATS) / (stakers - 1)
  const gains = [0.1, 0.2, 0.33].map(p => 2 * 0.4 * Math.sqrt(SEATS * p * (1 - p) * spread) * seatValue)
  const lost = Number(rewards.block) * 1e-6 + restEpochs * (SEATS / stakers) * seatValue
  row([stakers, ...gains.map(value => value.toFixed(2)), lost.toFixed(2)])
}
