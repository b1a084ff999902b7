import { type Command, InvalidArgumentError, Option } from 'commander'
import { nodeCommand } from '../../options/nodeCommand.ts'
import { parsePath, type Read } from '../../options/values.ts'
import type { CreateFlags, ExportFlags, ModelCommand, ModelFlags, TrainFlags } from './flags.ts'

/** Adds `model create|list|show|train|export` to the program. */
export function addModel(program: Command, run: (command: ModelCommand) => Promise<void>, read: Read): void {
  const model = program
    .command('model')
    .description('models of your own: from your data to a model that the network trains, and out again')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', HELP_AFTER)
  const command = (name: string, description: string): Command => nodeCommand(model, name, description, read)

  const path = read(parsePath)
  command('create', 'register a model for your data; it costs 1.0 HYDRA')
    .addOption(
      new Option('--name <name>', 'what it is called: lower-case letters, digits and "-"').makeOptionMandatory(),
    )
    .addOption(
      new Option('--data <path>', 'a folder of images, IDX files, a CSV table, a text, or JSON lines of {"q","a"}')
        .argParser(path)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--document <document>',
        'cnn-small, mlp-small, gpt-small or a .json file (default: by the data)',
      ).argParser(path),
    )
    .addOption(new Option('--target <column>', 'tables: the column to be predicted'))
    .addOption(new Option('--fill <how>', 'tables: what stands for empty cells').choices(['mean']))
    .addOption(new Option('--size <pixels>', 'images: width and height (default: by the images)').argParser(whole))
    .addOption(
      new Option('--context <tokens>', 'texts: tokens that the model sees at once (default: 64)').argParser(whole),
    )
    .addOption(new Option('--vocabulary <tokens>', 'texts: tokens that are learnt (default: 1024)').argParser(whole))
    .addOption(new Option('--yes', 'pay without being asked'))
    .action((flags: CreateFlags) => run({ command: 'create', flags }))

  command('list', 'the models of the network').action((flags: ModelFlags) => run({ command: 'list', flags }))

  command('show', 'one model: its score, its layers, where it is from')
    .argument('<name>')
    .action((name: string, flags: ModelFlags) => run({ command: 'show', name, flags }))

  command('train', 'choose what your node trains')
    .addOption(new Option('--only <name>', 'this model and no other').conflicts('all'))
    .addOption(new Option('--all', 'every model in turn'))
    .action((flags: TrainFlags) => run({ command: 'train', flags }))

  command('export', 'write the newest version of a model into a file')
    .argument('<name>')
    .addOption(new Option('--format <format>', 'how').choices(['safetensors']).default('safetensors'))
    .addOption(new Option('--out <file>', 'the file to make').argParser(path).makeOptionMandatory())
    .action((name: string, flags: ExportFlags) => run({ command: 'export', name, flags }))
}

function whole(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(text)
}

const HELP_AFTER = `
Examples:
  hydra_node model create --name flowers --data ./photos --document cnn-small
  hydra_node model create --name churn --data table.csv --target churned
  hydra_node model create --name poems --data poems.txt
  hydra_node model train --only flowers
  hydra_node model export flowers --format safetensors --out flowers.safetensors

They speak to the node that runs on this machine; --user, --data-dir or --api-port say which, where there are several.

Exit codes: 0 ok, 1 failed, 2 wrong usage, 130 left with Ctrl-C.
`
