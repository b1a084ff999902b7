/** npm run simulate -- …: as many seeded worlds as wanted. `--help` tells the flags. */
import { availableParallelism } from 'node:os'
import { argumentsOf, USAGE } from './runner/arguments.ts'
import { run } from './runner/run.ts'

const EXIT = { held: 0, violated: 1, usage: 2, interrupted: 130 }

const flags = argumentsOf(process.argv.slice(2), availableParallelism())
if (typeof flags === 'string') {
  console.error(`${flags}\n\n${USAGE}`)
  process.exit(EXIT.usage)
}
if (flags.help) {
  console.log(USAGE)
  process.exit(EXIT.held)
}
const stop = new AbortController()
process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(EXIT.interrupted)
  stop.abort()
  console.error('\nending the seeds under way; Ctrl-C again ends at once')
})
try {
  const tally = await run(flags, stop.signal)
  if (tally.failures.length > 0) process.exitCode = EXIT.violated
  else if (stop.signal.aborted) process.exitCode = EXIT.interrupted
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = EXIT.usage
}
