import { runCli } from './cli.ts'
import { expectNoPipeErrors, flushOutput, reportUnexpectedErrors } from './processEvents.ts'

expectNoPipeErrors()
reportUnexpectedErrors()
const exitCode = await runCli(process.argv.slice(2))
await flushOutput()
// All that was to be kept is kept: a socket that lingers must not hold up the end.
process.exit(exitCode)
