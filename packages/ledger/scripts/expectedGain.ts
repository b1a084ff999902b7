/**
 * node packages/ledger/scripts/expectedGain.ts: what cheating is expected to gain, from the chain's own audit rule
 * (`auditRate`) and exact sums over who is drawn. Exits with 1 if the sign is wrong anywhere. Derived in
 * docs/proof-of-training.md. `--stake`, `--slash`, `--reward`, `--reputation`, `--ring`, `--units` (all of one unit's share
 * 1, amounts in HYDRA) print one case instead.
 */
import { parseArgs } from 'node:util'
import { DEFAULT_PARAMETERS } from '../src/index.ts'
import { type AuditRate, auditRate } from '../src/rounds/audit.ts'

const { rewards, fees, penalties, audit } = DEFAULT_PARAMETERS
const hydra = (micro: bigint) => Number(micro) / 1e6
const micro = (amount: number) => BigInt(Math.floor(amount * 1e6))

/** All of it in HYDRA, for a model whose units are paid in full. */
interface Case {
  readonly reward: number
  /** Lost when caught: `exposure`. */
  readonly exposure: number
  readonly reputation: number
  /** The colluding share of the weight. */
  readonly ring: number
  /** Segments of a unit. */
  readonly segments: number
}

const FEE = hydra(fees.update)
const REPLAY = hydra(rewards.replay) / hydra(rewards.unit)
const BOUNTY = penalties.bountyPpm / 1e6
/** Drawn for an update; five where the audit asks for more than four. */
const FEW = 4
const MANY = 5

function rateOf({ reward, exposure, reputation }: Case): AuditRate & { verifiers: number } {
  const rate = auditRate({ reward: micro(reward), exposure: micro(exposure), reputation, verifiers: MANY, audit })
  return { ...rate, verifiers: rate.auditors > FEW ? MANY : FEW }
}

/** Chance of `k` of `n`, each with chance `p`. */
function binomial(n: number, k: number, p: number): number {
  let ways = 1
  for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1)
  return ways * p ** k * (1 - p) ** (n - k)
}

/**
 * What a ring gains by an update that is false in its last `skipped` segments (all: nothing was trained; 0: only the sealing is
 * false), over an honest one; over none at all if nothing was trained. The ring knows who was drawn and does the best it can:
 * where it owns all auditors it confirms the update, and is paid for replays that it does not run; where it does not, its
 * verifiers join the challenge, which gives them part of the bounty. A unit costs its trainer as much as it earns: if
 * less, cheating gains less.
 */
function gainOf(one: Case, skipped: number): { gain: number; caught: number } {
  const { reward, exposure, ring, segments } = one
  const { auditors, ratePpm, verifiers } = rateOf(one)
  const rate = ratePpm / 1e6
  // A prefix with its end anywhere alike finds what is skipped at the end by as much as is skipped; whole, always.
  const finds = ratePpm === 1e6 ? 1 : 0.5 + 0.5 * (Math.max(skipped, 1) / segments)
  const saved = skipped === segments ? 0 : reward * (skipped / segments)
  const kept = skipped === segments ? reward : 0
  let gain = skipped === segments ? -FEE : 0
  let caught = 0
  for (let own = 0; own <= auditors; own++) {
    for (let others = 0; others <= verifiers - auditors; others++) {
      const chance = rate * binomial(auditors, own, ring) * binomial(verifiers - auditors, others, ring)
      const honest = auditors - own
      if (honest === 0) {
        const scope = ratePpm === 1e6 ? 1 : 0.75 + 0.25 / segments
        gain += chance * (kept + saved + auditors * REPLAY * reward * scope)
      } else {
        const back = BOUNTY * exposure * ((own + others) / (own + others + honest))
        gain += chance * finds * (kept - reward + saved - exposure + back) + chance * (1 - finds) * (kept + saved)
        caught += chance * finds
      }
    }
  }
  return { gain: gain + (1 - rate) * (kept + saved), caught }
}

const row = (cells: readonly (string | number)[], width = 11) =>
  console.log(cells.map(cell => (typeof cell === 'number' ? cell.toFixed(4) : cell).padStart(width)).join(''))

function printCases(): void {
  console.log(
    'Expected gain of one unit in rewards R, ring of a third of the weight, 10 segments. E: lost when caught.',
  )
  row(['E / R', 'reputation', 'auditors', 'rate', 'caught', 'fake', 'last half', 'last tenth', 'sealing'])
  for (const exposure of [0, 0.01, 0.0375, 0.12, 0.375, 1, 1.5, 5, 10, 25, 50]) {
    for (const reputation of exposure >= 1.5 ? [50, 75, 100] : [100]) {
      const one: Case = { reward: 1, exposure, reputation, ring: 1 / 3, segments: 10 }
      const { auditors, ratePpm } = rateOf(one)
      const [fake, half, tenth, sealing] = [10, 5, 1, 0].map(skipped => gainOf(one, skipped))
      const gains = [fake!, half!, tenth!, sealing!].map(({ gain }) => gain)
      row([String(exposure), String(reputation), String(auditors), ratePpm / 1e6, fake!.caught, ...gains])
    }
  }
  console.log('\nExpected gain of n false units at once in HYDRA, full reputation, ring of a third (0: no ring).')
  row(['stake', 'ring', ...[1, 2, 4, 16, 64, 256].map(n => `n = ${n}`)])
  for (const stake of [0, 1, 10, 50, 1000]) {
    for (const ring of [0, 1 / 3]) {
      const gains = [1, 2, 4, 16, 64, 256].map(units => {
        const exposure = Math.min(hydra(penalties.unit), stake / units)
        return units * gainOf({ reward: 1, exposure, reputation: 100, ring, segments: 10 }, 10).gain
      })
      row([String(stake), ring, ...gains])
    }
  }
}

/** What who verifies gains by not doing it, for one verdict on a unit of full reward. */
function printVerifiers(): number[] {
  const verdict = hydra(rewards.verdict)
  const replay = hydra(rewards.replay)
  const least = Math.min(hydra(penalties.verdict), hydra(DEFAULT_PARAMETERS.minimumStake))
  const plant = 1 / 16
  const cases: [string, number][] = [
    ['findings made up, even if one in a thousand were right', 0.001 * verdict - 0.999 * least],
    ['keys of a replay made up', verdict + replay - least],
    [
      'claims copied that the trainer leaked, one in 16 a plant',
      (1 - plant) * verdict - plant * hydra(penalties.verdict),
    ],
    ['a false challenge of an honest unit', -least],
    ['the same, its trainer a friend who gets half', -least / 2],
  ]
  console.log(
    '\nExpected gain of a verifier in HYDRA, against saying nothing. Least stake at risk unless it says otherwise.',
  )
  for (const [label, gain] of cases) console.log(`  ${label.padEnd(60)}${gain.toFixed(4).padStart(10)}`)
  return cases.map(([, gain]) => gain)
}

/** Builds a name for so many honest units, then cheats until it is caught, each time with all that it has at risk. */
function printBetrayal(): number {
  let least = Number.NEGATIVE_INFINITY
  console.log(
    '\nBuild up, then betray: expected gain of cheating until caught in HYDRA, by reputation when it begins (ring: a third).',
  )
  row(['stake', ...[0, 50, 75, 100].map(reputation => `${reputation}`)])
  for (const stake of [1, 10, 50, 1000]) {
    const gains = [0, 50, 75, 100].map(reputation => {
      const one: Case = {
        reward: 1,
        exposure: Math.min(hydra(penalties.unit), stake),
        reputation,
        ring: 1 / 3,
        segments: 10,
      }
      const { gain, caught } = gainOf(one, 10)
      return gain / caught
    })
    least = Math.max(least, ...gains)
    row([String(stake), ...gains])
  }
  return least
}

/** The largest gain over every case there is: stake at risk, reputation, share of the ring, length of a unit, part skipped. */
function worst(): { gain: number; at: Case & { skipped: number } } {
  let found: { gain: number; at: Case & { skipped: number } } | undefined
  for (let exposure = 1e-5; exposure <= 50; exposure *= 1.02) {
    for (const reputation of [0, 49, 50, 75, 99, 100]) {
      for (const ring of [0, 0.05, 0.1, 0.2, 0.3, 1 / 3]) {
        for (const segments of [1, 2, 5, 10, 64]) {
          for (const part of [0, 0.01, 0.1, 0.5, 0.9, 1]) {
            const at = { reward: 1, exposure, reputation, ring, segments, skipped: Math.ceil(part * segments) }
            const { gain } = gainOf(at, at.skipped)
            if (found === undefined || gain > found.gain) found = { gain, at }
          }
        }
      }
    }
  }
  return found!
}

function printStrangers(): number {
  const one: Case = { reward: 1, exposure: 0, reputation: 100, ring: 1 / 3, segments: 10 }
  const { gain } = gainOf(one, 10)
  const free = gain + FEE
  const units = Number(DEFAULT_PARAMETERS.feeCredit / fees.update)
  console.log('\nNothing at stake: five verifiers replay all of it.')
  console.log(`  gain of a false unit whose fee is paid, ring of a third: ${gain.toFixed(4)} R`)
  console.log(
    `  on the credit of a registration: ${free.toFixed(4)} R, for at most ${units} units: ${(free * units).toFixed(4)} R`,
  )
  console.log(
    `  the same with a ring of a fifth: ${(gainOf({ ...one, ring: 0.2 }, 10).gain + FEE).toFixed(4)} R a unit`,
  )
  return gain
}

const { values } = parseArgs({
  options: Object.fromEntries(
    ['stake', 'slash', 'reward', 'reputation', 'ring', 'units'].map(name => [name, { type: 'string' as const }]),
  ),
})
if (Object.keys(values).length > 0) {
  const given = (name: string, otherwise: number) => Number(values[name] ?? otherwise)
  const exposure = Math.min(given('slash', hydra(penalties.unit)), given('stake', 50) / given('units', 1))
  const one: Case = {
    ...{ reward: given('reward', 1), exposure, reputation: given('reputation', 100), ring: given('ring', 1 / 3) },
    segments: 10,
  }
  const { auditors, ratePpm, verifiers } = rateOf(one)
  const { gain, caught } = gainOf(one, 10)
  console.log(
    `at risk ${exposure} HYDRA, ${auditors} of ${verifiers} replay at rate ${ratePpm / 1e6}: caught ${caught.toFixed(4)}, expected gain ${gain.toFixed(4)} HYDRA a unit`,
  )
} else {
  printCases()
  const verifiers = printVerifiers()
  const betrayal = printBetrayal()
  const stranger = printStrangers()
  const { gain, at } = worst()
  console.log(`\nThe largest gain of all cases with a stake: ${gain.toFixed(6)} R, at ${JSON.stringify(at)}`)
  const isNegative = [...verifiers, betrayal, stranger, gain].every(value => value < 0)
  console.log(isNegative ? 'Negative everywhere.' : 'NOT negative everywhere.')
  if (!isNegative) process.exitCode = 1
}
