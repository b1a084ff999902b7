import { describeError, ExitCode } from './exit.ts'

/** A reader that goes away (`hydra_node | head`) must not take the node with it. */
export function expectNoPipeErrors(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', error => {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    })
}

/** Resolves once everything written has left the process, or can no longer leave it. */
export async function flushOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    if (stream.writable && stream.writableLength > 0)
      await new Promise<void>(resolve => stream.write('', () => resolve()))
}

/** An error that nothing caught ends the program with a sentence: its state cannot be trusted any more. */
export function reportUnexpectedErrors(): void {
  const end = (error: unknown) => {
    process.stderr.write(describeError(error, { stack: process.argv.includes('debug') }))
    process.exit(ExitCode.failed)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}
