export { runCli } from './cli.ts'
export { ExitCode } from './exit.ts'
