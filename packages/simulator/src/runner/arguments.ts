import { parseArgs } from 'node:util'
import { BYZANTINE_MODES, type ByzantineMode, type SeedOptions } from './request.ts'
import { jobsOf, wholeOf } from './whole.ts'

export const USAGE = `npm run simulate -- [flags]

Runs seeded worlds of real nodes: a storm of faults, then healing. Every promise of the protocol is checked at every
commit and every message; a seed gives the same history on every machine.

  --seeds N           how many worlds; 20 unless given
  --from S            the first seed; 1 unless given
  --nodes K           founders of every world; 4 to 16 by the seed unless given
  --byzantine MODE    which worlds have Byzantine machines: some (every third, the default), all or none
  --jobs J            processes; one a core unless given
  --faults FILE       run the plan in the file (from --shrink, say) in place of seeds
  --shrink            cut the plan of the first failure down to what it takes, and write it to plan-SEED.json
  --verbose           a line for every seed
  --json              a line of JSON for every seed, and one for the whole
  --help              this text

Exit codes: 0 every promise held, 1 a promise was broken, 2 wrong flags, 130 ended by Ctrl-C.`

export interface Arguments {
  readonly help: boolean
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly file: string | null
  readonly shrink: boolean
  readonly verbose: boolean
  readonly json: boolean
  readonly options: SeedOptions
}

const FLAGS = {
  seeds: { type: 'string', default: '20' },
  from: { type: 'string', default: '1' },
  nodes: { type: 'string' },
  byzantine: { type: 'string', default: 'some' },
  jobs: { type: 'string' },
  faults: { type: 'string' },
  shrink: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** The flags, or a sentence that says what is wrong with them. */
export function argumentsOf(argv: string[], cores: number): Arguments | string {
  try {
    const { values } = parseArgs({ args: argv, options: FLAGS, strict: true })
    const { byzantine } = values
    if (!BYZANTINE_MODES.includes(byzantine as ByzantineMode))
      throw new RangeError(`--byzantine ${byzantine}: one of ${BYZANTINE_MODES.join(', ')} is wanted`)
    const nodes = values.nodes === undefined ? {} : { nodes: wholeOf('nodes', values.nodes, 1, 200) }
    return {
      help: values.help,
      from: wholeOf('from', values.from, 0, 2 ** 52),
      seeds: wholeOf('seeds', values.seeds, 1, 1_000_000_000),
      jobs: jobsOf(values.jobs, cores),
      file: values.faults ?? null,
      shrink: values.shrink,
      verbose: values.verbose,
      json: values.json,
      options: { byzantine: byzantine as ByzantineMode, ...nodes },
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
