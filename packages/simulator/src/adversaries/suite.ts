import { ATTACKS, attackOf } from './roster.ts'
import type { SceneName, Stance } from './scenes.ts'

/** A run that a process is asked for. Plain data; `attack` is null for the honest twin. */
export interface Request {
  readonly attack: string | null
  readonly scene: SceneName
  readonly stance: Stance
  readonly seed: number
  /** Simulated time; what is usual for the stance unless given. */
  readonly runMs?: number
}

/** What came of it; wealth in micro-HYDRA as text. */
export interface Response {
  readonly wealth: string
  readonly accuracy: number
  readonly acts: number
  readonly firstCaught: number | null
}

/** An attack in a stance: a line of the table. */
export interface Trial {
  readonly name: string
  readonly attack: string
  readonly scene: SceneName
  readonly twin: SceneName
  readonly stance: Stance
}

/** A line of the table, as `--json` prints it. */
export interface Row {
  readonly attack: string
  readonly runs: number
  /** Share of the runs with cheating in which it was caught; null when there was none. */
  readonly caught: number | null
  /** Which cheating act was the first to be caught, on average over the runs in which one was. */
  readonly unitsToCatch: number | null
  /** What the attackers have more than their honest twins, on average, in micro-HYDRA. */
  readonly gainMicro: bigint
  /** The model's held-out accuracy in the last third of the run less that of the honest run, on average. */
  readonly accuracyDelta: number
}

/** The trials that a name stands for: `noise` in all its stances, `noise@trusted`, or everything for null. @throws RangeError */
export function trialsOf(name: string | null): Trial[] {
  const [attack, stance] = name?.split('@') ?? []
  const attacks = attack === undefined ? ATTACKS : [attackOf(attack)]
  const trials = attacks.flatMap(({ name, scene, twin, stances }) =>
    stances.map(stance => ({ name: stance === 'new' ? name : `${name}@${stance}`, attack: name, scene, twin, stance })),
  )
  const chosen = trials.filter(trial => stance === undefined || trial.stance === stance)
  if (chosen.length === 0) throw new RangeError(`${attack} is not tried by anybody ${stance}`)
  return chosen
}

export function seedsOf(from: number, runs: number): number[] {
  return Array.from({ length: runs }, (_, i) => from + i)
}

/** Each run that the trials need, once: many share their honest twin. A trial's runs come next to each other. */
export function requestsOf(trials: readonly Trial[], seeds: readonly number[]): Request[] {
  const requests = new Map<string, Request>()
  for (const trial of trials)
    for (const seed of seeds)
      for (const request of pairOf(trial, seed))
        if (!requests.has(keyOf(request))) requests.set(keyOf(request), request)
  return [...requests.values()]
}

/** The run with the attack, and its honest twin. */
function pairOf({ attack, scene, twin, stance }: Trial, seed: number): [Request, Request] {
  return [
    { attack, scene, stance, seed },
    { attack: null, scene: twin, stance, seed },
  ]
}

export function keyOf({ attack, scene, stance, seed }: Request): string {
  return `${attack ?? 'honest'} ${scene} ${stance} ${seed}`
}

/** The line of a trial, or null while some of its runs are not there yet. */
export function rowOf(trial: Trial, seeds: readonly number[], responses: ReadonlyMap<string, Response>): Row | null {
  const pairs = seeds.map(seed => pairOf(trial, seed).map(request => responses.get(keyOf(request))))
  const runs: { attacked: Response; honest: Response }[] = []
  for (const [attacked, honest] of pairs) {
    if (!attacked || !honest) return null
    runs.push({ attacked, honest })
  }
  const cheated = runs.filter(({ attacked }) => attacked.acts > 0)
  const firsts = cheated.map(({ attacked }) => attacked.firstCaught).filter(first => first !== null)
  const gains = runs.map(({ attacked, honest }) => BigInt(attacked.wealth) - BigInt(honest.wealth))
  return {
    attack: trial.name,
    runs: runs.length,
    caught: cheated.length === 0 ? null : rounded(firsts.length / cheated.length),
    unitsToCatch: firsts.length === 0 ? null : rounded(meanOf(firsts)),
    gainMicro: gains.reduce((sum, gain) => sum + gain, 0n) / BigInt(runs.length),
    accuracyDelta: rounded(meanOf(runs.map(({ attacked, honest }) => attacked.accuracy - honest.accuracy))),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
