import { CommanderError } from 'commander'
import { describeError, ExitCode, exitCodeOf } from './exit.ts'
import { buildProgram } from './program.ts'

/** Runs the program with the arguments after its name. Answers the exit code; never throws. */
export async function runCli(args: readonly string[]): Promise<number> {
  let debug = false
  let exitCode: number = ExitCode.ok
  // Loaded by the command that needs them: `--help` and a mistyped flag answer at once.
  const program = buildProgram({
    async runDefault(flags) {
      debug = flags.logLevel === 'debug'
      const { defaultCommand } = await import('./commands/default.ts')
      exitCode = await defaultCommand(flags)
    },
    async runDevnet(flags) {
      const { devnet } = await import('./commands/devnet.ts')
      exitCode = await devnet(flags)
    },
    async runModel(command) {
      const { runModel } = await import('./commands/model/run.ts')
      exitCode = await runModel(command)
    },
    async runVerifyAnswer(file, flags) {
      const { verifyAnswer } = await import('./commands/verifyAnswer.ts')
      exitCode = await verifyAnswer(file, flags)
    },
    async runDoctor(flags) {
      const { doctor } = await import('./commands/doctor.ts')
      exitCode = await doctor(flags)
    },
    async runStaking(command) {
      const { staking } = await import('./commands/staking.ts')
      exitCode = await staking(command)
    },
    async runUpdates(command) {
      const { updates } = await import('./commands/updates.ts')
      exitCode = await updates(command)
    },
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has said what was wrong with the arguments itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage
    process.stderr.write(describeError(error, { stack: debug }))
    return exitCodeOf(error)
  }
}
