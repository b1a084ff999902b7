import { type Command, Option } from 'commander'
import { nodeCommand } from '../options/nodeCommand.ts'
import type { Read } from '../options/values.ts'
import type { NodeChoice } from '../running/findNode.ts'
import { parseLimit, parseModel } from './values.ts'

export interface UpdatesFlags extends NodeChoice {
  readonly json?: true
  /** Of all models unless given. */
  readonly model?: string
  readonly limit: number
}

export interface UpdatesCommand {
  readonly command: 'updates' | 'disputes'
  readonly flags: UpdatesFlags
}

const DEFAULT_LIMIT = 20

/** Adds `updates` and `disputes` to the program. */
export function addUpdates(program: Command, read: Read, run: (command: UpdatesCommand) => Promise<void>): void {
  const command = (name: UpdatesCommand['command'], description: string): Command =>
    nodeCommand(program, name, description, read)
      .addOption(new Option('--limit <n>', 'how many, newest first').argParser(read(parseLimit)).default(DEFAULT_LIMIT))
      .action((flags: UpdatesFlags) => run({ command: name, flags }))
  command('updates', 'who trained what, how it was checked, and what came of it')
    .addOption(new Option('--model <name>', 'of this model only (default: of all)').argParser(read(parseModel)))
    .addHelpText('after', UPDATES_AFTER)
  command('disputes', 'findings that contradict each other: what is to be answered, and what came of it')
}

const UPDATES_AFTER = `
"sealed": the trainer has not opened what it claims, so that whoever checks has to compute it.
`
