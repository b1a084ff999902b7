// What the ledger does in numbers, each beside its goal. `npm run bench:ledger -- --help`.
import { parseArgs } from 'node:util'
import { measureApply } from './ledger/apply.ts'
import { measureCommitted } from './ledger/committed.ts'
import { measureDisk } from './ledger/disk.ts'
import { type Figure, isMet, type Measurement } from './ledger/figure.ts'
import { measureFinality } from './ledger/finality.ts'
import { measureMemory } from './ledger/memory.ts'
import { measurePropagation } from './ledger/propagation.ts'
import { measureSync } from './ledger/sync.ts'

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  apply: measureApply,
  committed: measureCommitted,
  finality: measureFinality,
  sync: measureSync,
  disk: measureDisk,
  memory: measureMemory,
  propagation: measurePropagation,
}
const NAMES = Object.keys(MEASUREMENTS)

const HELP = `What the ledger does in numbers, each beside its goal.

  npm run bench:ledger -- [--only NAME …] [--quick] [--json | --markdown]

  --only NAME   ${NAMES.join(', ')}
  --quick       small and short: whether everything works, not how fast
  --json        one line of JSON a number
  --markdown    one row of a table a number, as docs/ledger-numbers.md has them

Everything runs on this machine, over loopback, and ends by itself: all of it takes about twenty minutes.
`

function usage(problem: string): never {
  console.error(`${problem}\nSee npm run bench:ledger -- --help.`)
  process.exit(2)
}

function readOptions() {
  const options = {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error))
  }
}

const { only = NAMES, quick, json, markdown, help } = readOptions()
if (help) {
  console.log(HELP)
  process.exit(0)
}
for (const name of only) if (!NAMES.includes(name)) usage(`There is no measurement "${name}".`)
const say = (what: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what} …`)
}

let failed = false
for (const name of only) {
  try {
    for (const figure of await MEASUREMENTS[name]!({ quick, say })) tell(figure)
  } catch (error) {
    failed = true
    console.error(`${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`)
  }
}
// The network's sockets linger for a while after everything was stopped.
process.exit(failed ? 1 : 0)

function tell(figure: Figure): void {
  say('')
  if (json) {
    console.log(JSON.stringify({ ...figure, met: isMet(figure) }))
    return
  }
  const { name, value, unit, goal, note } = figure
  const wanted = goal === null ? '' : 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`
  const mark = goal === null ? ' ' : isMet(figure) ? '✓' : '✗'
  const number = `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)} ${unit}`
  console.log(
    markdown
      ? `| ${name} | ${number} | ${wanted} | ${mark} | ${note} |`
      : `${mark} ${name.padEnd(44)} ${number.padStart(16)}  ${wanted.padEnd(8)}  ${note}`,
  )
}
