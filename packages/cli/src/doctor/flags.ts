import { type Command, Option } from 'commander'
import type { DoctorFlags } from '../commands/doctor.ts'
import { DEFAULT_USER } from '../options/nodeOptions.ts'
import { parseName, parsePath, type Read } from '../options/values.ts'

/** Adds `doctor` to the program. */
export function addDoctor(program: Command, read: Read, run: (flags: DoctorFlags) => Promise<void>): void {
  program
    .command('doctor')
    .description('check a data folder: what is wrong with it, and what to do')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .addOption(new Option('--user <name>', `whose data folder (default: ${DEFAULT_USER})`).argParser(read(parseName)))
    .addOption(new Option('--data-dir <dir>', 'the data folder itself').argParser(read(parsePath)))
    .addOption(new Option('--quick', 'look at the newest blocks only'))
    .addOption(
      new Option('--repair', 'mend what can be mended without loss; what is damaged is moved away, not deleted'),
    )
    .addOption(new Option('--json', 'one JSON object a line, for programs'))
    .addHelpText('after', HELP_AFTER)
    .action((flags: DoctorFlags) => run(flags))
}

const HELP_AFTER = `
A running node holds its database: end it first to have everything checked.

Exit codes: 0 nothing failed, 1 something did, 2 wrong usage, 130 left with Ctrl-C.
`
