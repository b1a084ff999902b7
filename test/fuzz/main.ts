// Coverage-guided fuzzing of everything that a stranger can reach. `node test/fuzz/main.ts --help`.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { campaign } from './engine/campaign.ts'
import type { FuzzResult } from './engine/fuzz.ts'
import { groupOf, TARGET_NAMES } from './targets/names.ts'

const HELP = `Feeds hostile bytes to every decoder that a stranger can reach.

  node test/fuzz/main.ts --all [options]
  node test/fuzz/main.ts --target NAME [--target NAME …] [options]

  --target NAME     one of the targets below
  --all             all of them, one after the other
  --seconds N       how long each (default 10)
  --runs N          at most so many inputs each; the same seed and runs give the same inputs
  --seed N          default 1
  --corpus DIR      keep inputs that reached something new there, and begin with those of earlier campaigns
  --findings DIR    where to write inputs that must not do what they do (default test/fuzz/findings)
  --json            one line of JSON a target
  --help

Exit status: 0 nothing found, 1 something found, 2 wrong usage.

Targets: ${TARGET_NAMES.join(', ')}
`

const MAX_SECONDS = 86_400

function usage(problem: string): never {
  console.error(`${problem}\nSee node test/fuzz/main.ts --help.`)
  process.exit(2)
}

function whole(text: string | undefined, otherwise: number, max: number, name: string): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0 || value > max) usage(`--${name} takes a number from 0 to ${max}`)
  return value
}

function optionsOf(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        target: { type: 'string', multiple: true },
        all: { type: 'boolean' },
        seconds: { type: 'string' },
        runs: { type: 'string' },
        seed: { type: 'string' },
        corpus: { type: 'string' },
        findings: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error))
  }
}

/** Writes a finding beside the others of its target and says where. */
function save(folder: string, { findings }: FuzzResult): string[] {
  return findings.map(({ target, input }) => {
    const place = join(folder, target)
    mkdirSync(place, { recursive: true })
    const file = join(place, createHash('sha256').update(input).digest('hex').slice(0, 16))
    writeFileSync(file, input)
    return file
  })
}

function lineOf(result: FuzzResult): string {
  const { target, runs, seconds, accepted, branches, features, corpus, findings } = result
  const share = `${((100 * accepted) / Math.max(1, runs)).toFixed(1)} % taken`
  const rate = `${Math.round(runs / Math.max(seconds, 0.001))}/s`
  const reach = `${branches} branches, ${features} features, ${corpus} inputs`
  return `${target.padEnd(22)} ${String(runs).padStart(9)} runs ${rate.padStart(9)}  ${share.padStart(12)}  ${reach}  ${findings.length} found`
}

const values = optionsOf(process.argv.slice(2))
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const chosen = values.all ? [...TARGET_NAMES] : (values.target ?? [])
if (chosen.length === 0) usage('Name a target, or --all.')
for (const name of chosen) if (name !== 'trap' && !TARGET_NAMES.includes(name)) usage(`There is no target "${name}".`)
const seconds = whole(values.seconds, 10, MAX_SECONDS, 'seconds')
const maxRuns = whole(values.runs, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'runs')
const seed = whole(values.seed, 1, 2 ** 32 - 1, 'seed')
const findings = values.findings ?? fileURLToPath(new URL('./findings', import.meta.url))

const corpus = values.corpus ?? null
let found = 0
let left = chosen
while (left.length > 0) {
  const group = groupOf(left[0]!)
  const other = left.findIndex(name => groupOf(name) !== group)
  const targets = other < 0 ? left : left.slice(0, other)
  let done = 0
  await campaign({ targets, seed, seconds, maxRuns, corpus }, result => {
    done++
    tell(result)
  })
  left = left.slice(done)
}
process.exitCode = found > 0 ? 1 : 0

function tell(result: FuzzResult): void {
  const files = save(findings, result)
  found += files.length
  const told = result.findings.map(({ signature, message, stack }, i) => ({
    signature,
    message,
    stack,
    file: files[i],
  }))
  if (values.json) console.log(JSON.stringify({ ...result, findings: told }))
  else {
    console.log(lineOf(result))
    for (const { stack, message, file } of told) console.log(`  ${file}\n  ${stack || message}`)
  }
}
