import { parseArgs } from 'node:util'
import { jobsOf, wholeOf } from '../runner/whole.ts'

export const USAGE = `npm run adversaries -- [flags]

Tries every known way to cheat, on networks of real nodes under a simulated clock, and compares each run with an honest one
of the same seed: how often it was caught, after how many acts, what it gained, and what it did to the model. Attacks are
tried by nodes as they are on the first day, and (@trusted) by nodes of full reputation with 1,000 HYDRA at stake, whose
units are replayed least. A seed gives the same figures on every machine.

  --runs N            worlds for every attack; 3 unless given
  --seed S            the first seed; 1 unless given
  --attack NAME       only this one, such as noise or noise@trusted
  --jobs J            processes; one a core unless given
  --honest UNITS      no attack: so many honest units under faults, of which none may be refuted, disputed or slashed
  --json              a line of JSON for every attack: attack, runs, caught (share of the runs with cheating), unitsToCatch
                      (the first act that was caught, on average), gainMicro (in 10^-6 HYDRA, against the honest twin),
                      accuracyDelta (held-out accuracy in the last third of the run, against the honest twin)
  --markdown          the table as it stands in docs/proof-of-training.md
  --list              the names of the attacks, and what they do
  --help              this text

Exit codes: 0 done, 1 a run failed or an honest unit was rejected, 2 wrong flags, 130 ended by Ctrl-C.`

export interface Arguments {
  readonly help: boolean
  readonly list: boolean
  readonly json: boolean
  readonly markdown: boolean
  readonly attack: string | null
  readonly seed: number
  readonly runs: number
  readonly jobs: number
  /** Null: the attacks. */
  readonly honest: number | null
}

const FLAGS = {
  runs: { type: 'string', default: '3' },
  seed: { type: 'string', default: '1' },
  attack: { type: 'string' },
  jobs: { type: 'string' },
  honest: { type: 'string' },
  json: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** The flags, or a sentence that says what is wrong with them. */
export function argumentsOf(argv: string[], cores: number): Arguments | string {
  try {
    const { values } = parseArgs({ args: argv, options: FLAGS, strict: true })
    const { help, list, json, markdown, attack = null } = values
    return {
      ...{ help, list, json, markdown, attack },
      seed: wholeOf('seed', values.seed, 0, 2 ** 31),
      runs: wholeOf('runs', values.runs, 1, 10_000),
      jobs: jobsOf(values.jobs, cores),
      honest: values.honest === undefined ? null : wholeOf('honest', values.honest, 1, 10_000_000),
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
