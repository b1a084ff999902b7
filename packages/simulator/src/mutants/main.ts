/** node packages/simulator/src/mutants/main.ts: hunts every mutant and prints at which seed it was caught. */
import { parseArgs } from 'node:util'
import { hunt, inParallel } from './hunt.ts'
import { MUTANTS } from './list.ts'

const USAGE = `node packages/simulator/src/mutants/main.ts [--only NAME] [--from SEED] [--seeds N] [--jobs N] [--json]

Puts one fault after another into the product and runs seeded worlds until one shows it. Exits 1 when one is not caught.
Mutants: ${MUTANTS.map(({ name }) => name).join(', ')}, and \`none\` for the product as it is.`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [from, seeds, jobs] = [values.from, values.seeds, values.jobs].map(Number)
const names = values.only === undefined ? MUTANTS.map(({ name }) => name) : [values.only]
const areNumbers = [from, seeds, jobs].every(value => Number.isSafeInteger(value) && value! > 0)
const isKnown = (name: string) => name === 'none' || MUTANTS.some(mutant => mutant.name === name)
if (values.help || !areNumbers || !names.every(isKnown)) {
  console.error(USAGE)
  process.exit(values.help ? 0 : 2)
}
const HOUR_MS = 3_600_000
const hunts = names.map(name => async () => {
  const { caught, tookMs } = await hunt(name === 'none' ? null : name, from!, from! + seeds! - 1, HOUR_MS)
  const seconds = (tookMs / 1_000).toFixed(1)
  if (values.json) console.log(JSON.stringify({ mutant: name, caught, tookMs }))
  else if (caught === null) console.log(`${name.padEnd(24)} not caught in ${seeds} seeds, ${seconds} s`)
  else {
    const how = `${caught.promise}: ${caught.finding.replaceAll(/[0-9a-f]{40,}/g, hash => `${hash.slice(0, 8)}…`)}`
    console.log(
      `${name.padEnd(24)} seed ${String(caught.seed).padStart(3)}  ${seconds.padStart(6)} s  ${how.slice(0, 160)}`,
    )
  }
  return caught !== null || name === 'none'
})
const all = await inParallel(hunts, jobs!)
process.exit(all.every(Boolean) ? 0 : 1)
