import { readFileSync, writeFileSync } from 'node:fs'
import { type Plan, planOfJson, planToJson } from '../plan.ts'
import { shrink } from '../shrink.ts'
import type { Arguments } from './arguments.ts'
import { PlanProcess, runAll } from './pool.ts'
import { Progress } from './progress.ts'
import { type Outcome, planOfSeed, replayCommand } from './request.ts'
import { type Failure, Tally } from './tally.ts'

/** Runs what the flags say and prints it. Gives how it ended. */
export async function run(flags: Arguments, stop: AbortSignal): Promise<Tally> {
  const { json, verbose, file } = flags
  const started = Date.now()
  const tally = new Tally()
  const progress = new Progress(json ? null : process.stderr, file === null ? flags.seeds : 1)
  const onOutcome = (plan: Plan, outcome: Outcome) => {
    tally.add(plan, outcome)
    progress.clear()
    if (json) console.log(JSON.stringify({ seed: plan.seed, ...outcome }))
    else if (outcome.type === 'violated') console.error(failureText(flags, tally.failures.at(-1)!))
    else if (verbose) console.log(lineOf(outcome))
    progress.show(tally)
  }
  await runAll({ jobs: flags.jobs, plans: plansOf(flags), onOutcome, stop })
  progress.clear()
  console.log(json ? JSON.stringify(tally) : tally.lines(Date.now() - started).join('\n'))
  const [first] = tally.failures
  if (first && flags.shrink && !stop.aborted) await shrinkFirst(first, stop, json)
  return tally
}

function* plansOf({ file, from, seeds, options }: Arguments): Generator<Plan> {
  if (file !== null) yield planOfJson(readFileSync(file, 'utf8'))
  else for (let seed = from; seed < from + seeds; seed++) yield planOfSeed(seed, options)
}

function lineOf({ report }: Extract<Outcome, { type: 'held' }>): string {
  const { seed, machines, byzantine, stormHeight, height, history, faults } = report
  const count = Object.values(faults).reduce((sum, n) => sum + n, 0)
  const traitors = byzantine.length === 0 ? '' : `  byzantine ${byzantine.join(' ')}`
  return `seed ${seed}  ${machines} machines  ${count} faults  height ${stormHeight} → ${height}  ${history.slice(0, 16)}${traitors}`
}

function failureText({ file, options }: Arguments, { plan, promise, finding }: Failure): string {
  const replay = file === null ? replayCommand(plan.seed, options) : `npm run simulate -- --faults ${file}`
  return `seed ${plan.seed}: ${promise} was broken: ${finding}\n  replay: ${replay}\n  shrink: ${replay} --shrink`
}

/** Cuts the plan down, in a process of its own, and writes it where it can be run again. */
async function shrinkFirst({ plan, promise }: Failure, stop: AbortSignal, json: boolean): Promise<void> {
  const runner = new PlanProcess()
  const fails = async (smaller: Plan): Promise<boolean> => {
    if (stop.aborted) return false
    const outcome = await runner.run(smaller)
    return outcome.type === 'violated' && outcome.promise === promise
  }
  const onStep = ({ faults, nodes, newcomers, byzantine }: Plan, runs: number) => {
    if (json) return
    console.error(
      `run ${runs}: ${faults.length} faults, ${nodes + newcomers} machines, ${byzantine.length} of them Byzantine`,
    )
  }
  const small = await shrink(plan, { fails, onStep }).finally(() => runner.end())
  const path = `plan-${plan.seed}.json`
  writeFileSync(path, planToJson(small))
  console.log(json ? JSON.stringify({ shrunk: path }) : `shrunk: npm run simulate -- --faults ${path}`)
}
