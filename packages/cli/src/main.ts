import { runCli } from './cli.ts'
import { expectNoPipeErrors, reportUnexpectedErrors } from './processEvents.ts'

expectNoPipeErrors()
reportUnexpectedErrors()
process.exitCode = await runCli(process.argv.slice(2))
