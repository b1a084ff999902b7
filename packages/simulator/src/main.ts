/** npm run simulate -- --seeds N --from S --nodes K: as many seeded worlds as wanted, one line each. */
import { parseArgs } from 'node:util'
import { engineWasm } from './engineWasm.ts'
import { simulate } from './simulate.ts'

const USAGE = `npm run simulate -- [--seeds N] [--from SEED] [--nodes K] [--json] [--verbose]

Runs N seeded worlds of K nodes: a storm of faults, then healing. Prints a line a seed; exits 1 at the first violation.`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const [seeds, from, nodes] = [values.seeds, values.from, values.nodes].map(Number)
if (![seeds, from, nodes].every(value => Number.isSafeInteger(value) && value! >= 0)) {
  console.error(USAGE)
  process.exit(2)
}
const logger = (id: string) => {
  const line = (level: string) => (message: string, details?: object) =>
    console.error(`${level} ${id} ${message} ${details ? JSON.stringify(details) : ''}`)
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
const started = Date.now()
for (let seed = from!; seed < from! + seeds!; seed++) {
  try {
    const report = await simulate({
      seed,
      ...(nodes && { nodes }),
      wasm: engineWasm,
      ...(values.verbose && { logger }),
    })
    const { faults, stormHeight, height, versions, history, transactions, machines } = report
    console.log(
      values.json
        ? JSON.stringify(report)
        : `seed ${seed}  ${machines} machines ${JSON.stringify(faults)}  height ${stormHeight} → ${height} tx ${transactions}  model ${JSON.stringify(versions)}  ${history.slice(0, 16)}`,
    )
  } catch (error) {
    console.error(error)
    process.exit(1)
  }
}
if (!values.json) console.log(`${seeds} seeds in ${((Date.now() - started) / 1000).toFixed(1)} s: no violation`)
