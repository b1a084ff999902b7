import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Plan } from '../plan.ts'
import type { Outcome } from './request.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const MEMO = new URL('../memo/register.ts', import.meta.url).href
/** Puts the fault that HYDRA_MUTANT names into the product: to see that it is found, and what the shrinker leaves. */
const MUTANTS = new URL('../mutants/load.ts', import.meta.url).href
/** No plan takes this long; a process that does has hung. */
const HUNG_MS = 600_000

export interface PoolOptions {
  readonly jobs: number
  /** Handed out in order; the outcomes come as they come. */
  readonly plans: Iterable<Plan>
  readonly onOutcome: (plan: Plan, outcome: Outcome) => void
  /** No further plan is handed out; those under way end. */
  readonly stop?: AbortSignal
}

/** Runs plans in processes of their own, `jobs` at a time. */
export async function runAll(options: PoolOptions): Promise<void> {
  const plans = options.plans[Symbol.iterator]()
  const work = async () => {
    const worker = new PlanProcess()
    try {
      while (!options.stop?.aborted) {
        const { value: plan, done } = plans.next()
        if (done) return
        options.onOutcome(plan, await worker.run(plan))
      }
    } finally {
      worker.end()
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work))
}

function start(): ChildProcess {
  const imports = process.env.HYDRA_MUTANT === undefined ? [MEMO] : [MUTANTS, MEMO]
  const execArgv = imports.flatMap(url => ['--import', url])
  return fork(WORKER, { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

/** A process that runs plans; another one takes its place when it dies. */
export class PlanProcess {
  #child: ChildProcess | null = null

  run(plan: Plan): Promise<Outcome> {
    this.#child ??= start()
    const child = this.#child
    return new Promise(resolve => {
      const settle = (outcome: Outcome) => {
        clearTimeout(timer)
        child.removeAllListeners()
        resolve(outcome)
      }
      const lost = (finding: string) => {
        this.#child = null
        child.kill('SIGKILL')
        settle({ type: 'violated', promise: 'process', finding })
      }
      const timer = setTimeout(() => lost(`no end after ${HUNG_MS / 1_000} s`), HUNG_MS)
      child.once('message', ({ outcome, ends }: { outcome: Outcome; ends: boolean }) => {
        if (ends) this.#child = null
        settle(outcome)
      })
      child.once('exit', code => lost(`the process ended with ${code}`))
      child.once('error', error => lost(String(error)))
      child.send({ plan })
    })
  }

  end(): void {
    this.#child?.removeAllListeners()
    this.#child?.kill('SIGKILL')
    this.#child = null
  }
}
