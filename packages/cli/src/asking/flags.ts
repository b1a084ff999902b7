import { type Command, Option } from 'commander'
import { parseName, parsePath, type Read } from '../options/values.ts'
import { parseMaxTokens, parseModel, parseQuestion, parseTemperature, parseTopK, parseTopP } from './values.ts'

export interface VerifyAnswerFlags {
  readonly user?: string
  readonly dataDir?: string
  readonly json?: true
}

/** The flags of `hydra_node` that put questions. */
export function addQueryFlags(program: Command, read: Read): void {
  const add = (option: Option) => program.addOption(option.helpGroup('Asking the model:'))
  add(new Option('--query [question]', 'ask; without a question: a session').argParser(read(parseQuestion)))
  add(new Option('--local', 'with --query: answer here, for free, from the newest version that is stored'))
  add(new Option('--model <name>', 'with --query: the model to ask (default: hydra-gpt)').argParser(read(parseModel)))
  add(
    new Option('--temperature <t>', 'with --query: 0 for the likeliest words, up to 10').argParser(
      read(parseTemperature),
    ),
  )
  add(new Option('--top-k <n>', 'with --query: draw from the n likeliest tokens only').argParser(read(parseTopK)))
  add(
    new Option('--top-p <p>', 'with --query: draw from the likeliest that have this share').argParser(read(parseTopP)),
  )
  add(new Option('--seed <text>', 'with --query: the same seed draws the same answer'))
  add(new Option('--max-tokens <n>', 'with --query: longest answer (default: 256)').argParser(read(parseMaxTokens)))
  add(new Option('--save <file>', 'with --query: keep the signed answer for verify-answer').argParser(read(parsePath)))
}

export function addVerifyAnswer(
  program: Command,
  read: Read,
  run: (file: string, flags: VerifyAnswerFlags) => Promise<void>,
): void {
  program
    .command('verify-answer')
    .description('run a saved answer again and say whether its server told the truth')
    .argument('<file>', 'what --save or the page wrote')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .addOption(new Option('--user <name>', 'whose data folder holds the model').argParser(read(parseName)))
    .addOption(new Option('--data-dir <dir>', 'the data folder itself').argParser(read(parsePath)))
    .addOption(new Option('--json', 'one JSON object'))
    .addHelpText(
      'after',
      '\nExit codes: 0 true; 1 false, or it cannot be checked here; 2 no such file, or no answer.\n',
    )
    .action((file: string, flags: VerifyAnswerFlags) => run(file, flags))
}
