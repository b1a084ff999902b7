/** What every command has in common that speaks to a running node. */
import { type Command, Option } from 'commander'
import { parseName, parsePath, parsePort, type Read } from './values.ts'

/** `parent NAME`, with the options that say which node is meant, and how to answer. */
export function nodeCommand(parent: Command, name: string, description: string, read: Read): Command {
  return parent
    .command(name)
    .description(description)
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .addOption(new Option('--user <name>', "the node's name, where several run").argParser(read(parseName)))
    .addOption(new Option('--data-dir <dir>', "the node's data folder").argParser(read(parsePath)))
    .addOption(new Option('--api-port <n>', "the port of the node's API").argParser(read(parsePort)))
    .addOption(new Option('--json', 'one JSON object a line, for programs'))
}
