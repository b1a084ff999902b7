import { HydraError } from '@hydraai/core'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { addQueryFlags, addVerifyAnswer, type VerifyAnswerFlags } from './asking/flags.ts'
import { parseQuestion } from './asking/values.ts'
import type { DevnetFlags } from './commands/devnet.ts'
import type { DoctorFlags } from './commands/doctor.ts'
import type { ModelCommand } from './commands/model/flags.ts'
import { addModel } from './commands/model/program.ts'
import { parseGoal } from './devnet/options.ts'
import { addDoctor } from './doctor/flags.ts'
import { DEFAULT_PORT, DEFAULT_USER, type NodeFlags, SYNC_MODES } from './options/nodeOptions.ts'
import {
  LOG_LEVELS,
  parseHost,
  parseInterval,
  parseIp,
  parseKeepBlocks,
  parseName,
  parseNodeCount,
  parsePath,
  parsePeer,
  parsePort,
  parseThreads,
  parseTimeout,
  parseTrust,
} from './options/values.ts'
import type { StakingCommand } from './staking/flags.ts'
import { addStaking } from './staking/flags.ts'
import { DEFAULT_TASKS, parseTasks } from './tasks.ts'
import { addUpdates, type UpdatesCommand } from './updates/flags.ts'

export interface Handlers {
  runDefault(flags: NodeFlags): Promise<void>
  runDevnet(flags: DevnetFlags): Promise<void>
  runModel(command: ModelCommand): Promise<void>
  runVerifyAnswer(file: string, flags: VerifyAnswerFlags): Promise<void>
  runDoctor(flags: DoctorFlags): Promise<void>
  runStaking(command: StakingCommand): Promise<void>
  runUpdates(command: UpdatesCommand): Promise<void>
}

/** The flags, their help and their checks. What is done with them is the handlers' business. */
export function buildProgram(handlers: Handlers): Command {
  const { runDefault, runDevnet, runModel, runVerifyAnswer, runDoctor, runStaking, runUpdates } = handlers
  const program = new Command('hydra_node')
  program
    .description('A HydraAI node: trains with others, checks their work, keeps the ledger, and earns HYDRA for it.')
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .enablePositionalOptions()
    .allowExcessArguments(false)
    .showHelpAfterError('Run hydra_node --help to see every flag.')
    .exitOverride()
  const add = (group: string, option: Option) => program.addOption(option.helpGroup(`${group}:`))

  const node = (option: Option) => add('The node', option)
  node(
    new Option('--user <name>', `your name; it also names the data folder (default: ${DEFAULT_USER})`).argParser(
      read(parseName),
    ),
  )
  node(
    new Option('--port <n>', `where other nodes reach this one (default: ${DEFAULT_PORT})`).argParser(read(parsePort)),
  )
  node(
    new Option(
      '--host <ip>',
      'address to listen on (default: 127.0.0.1; 0.0.0.0 with --public-ip, --bootstrap or --lan)',
    ).argParser(read(parseHost)),
  )
  node(new Option('--public-ip <ip>', 'address that others are told to reach this node at').argParser(read(parseIp)))
  node(new Option('--bootstrap', 'listen to the world and help others to join'))
  node(new Option('--no-train', 'check and vote, but do not train'))
  node(
    new Option(
      '--threads <n>',
      'threads that share a unit of training (default: half of the cores, at most 8)',
    ).argParser(read(parseThreads)),
  )
  node(new Option('--no-stake', 'do not stake the first 1.0 HYDRA by itself'))
  node(new Option('--data-dir <dir>', 'data folder (default: ~/.hydraai/NAME)').argParser(read(parsePath)))
  node(
    new Option('--api-port <n>', 'port of the page and the API, on 127.0.0.1 (default: the port + 1000)').argParser(
      read(parsePort),
    ),
  )

  const joining = (option: Option) => add('Joining a network', option)
  joining(
    new Option('--peer <multiaddr>', 'join through this node; may be given several times').argParser(
      collect(parsePeer),
    ),
  )
  joining(new Option('--lan', 'look for nodes in the local network too'))
  joining(new Option('--no-local-discovery', `do not look for a node on port ${DEFAULT_PORT} of this machine`))
  joining(
    new Option('--genesis <file>', 'join the network of this genesis file')
      .argParser(read(parsePath))
      .conflicts('found'),
  )
  joining(new Option('--found', 'found a new network if nobody is found within 5 s'))
  joining(
    new Option('--block-interval <ms>', 'with --found: time between blocks (default: 10000)').argParser(
      read(parseInterval),
    ),
  )

  joining(
    new Option('--models <names>', `with --found: what the network begins with (default: ${DEFAULT_TASKS})`).argParser(
      read(parseTasks),
    ),
  )

  const wallet = (option: Option) => add('The wallet', option)
  wallet(new Option('--create-wallet', 'make a new wallet, then run the node').conflicts('restoreWallet'))
  wallet(new Option('--restore-wallet', 'make the wallet of 24 words again, then run the node'))
  wallet(
    new Option('--wallet-file <file>', 'the wallet to work on (default: wallet.json in the data folder)').argParser(
      read(parsePath),
    ),
  )
  wallet(new Option('--export-wallet <file>', 'write a checked copy of the wallet, and end').argParser(read(parsePath)))
  wallet(new Option('--change-password', 'seal the wallet under another password, and end'))

  const chain = (option: Option) => add('The chain', option)
  const chainConflicts = ['createWallet', 'restoreWallet', 'exportWallet', 'changePassword', 'found', 'genesis']
  chain(
    new Option('--export-chain <file>', 'write all blocks into one file, and end')
      .argParser(read(parsePath))
      .conflicts([...chainConflicts, 'importChain']),
  )
  chain(
    new Option('--import-chain <file>', 'check all blocks of such a file, keep them, and end')
      .argParser(read(parsePath))
      .conflicts(chainConflicts),
  )

  chain(new Option('--archive', 'keep every block for ever, and fetch them all').conflicts('keepBlocks'))
  chain(
    new Option(
      '--keep-blocks <n>',
      'keep that many blocks, 1000 at least (default: as many as stake is unbonding for)',
    ).argParser(read(parseKeepBlocks)),
  )
  chain(
    new Option('--sync <how>', 'how to catch up: auto takes a snapshot where that is nearer (default: auto)').choices(
      SYNC_MODES,
    ),
  )
  chain(
    new Option(
      '--trust <height:hash>',
      'a final block that somebody you trust vouches for: sync may begin there',
    ).argParser(read(parseTrust)),
  )

  addQueryFlags(program, read)

  const output = (option: Option) => add('What is printed', option)
  output(new Option('--json', 'one JSON object a line, for programs'))
  output(new Option('--headless', 'announce no page; the API stays'))
  output(new Option('--log-level <level>', 'diagnostics on stderr (default: warn)').choices(LOG_LEVELS))

  program.addHelpText('after', HELP_AFTER)
  const question = new Argument('[question]', 'with --query: what is asked, behind the flags')
  program.addArgument(question.argParser(read(parseQuestion)))
  program.action((question: string | undefined, flags: NodeFlags) => {
    if (question === undefined) return runDefault(flags)
    if (flags.query !== true) return program.error(`error: "${question}" is no command.`)
    return runDefault({ ...flags, query: question })
  })
  addDevnet(program, runDevnet)
  const runModelAlone = (command: ModelCommand): Promise<void> => {
    refuseMisplaced(program, 'model')
    return runModel(command)
  }
  addModel(program, runModelAlone, read)
  addVerifyAnswer(program, read, (file, flags) => {
    refuseMisplaced(program, 'verify-answer')
    return runVerifyAnswer(file, flags)
  })
  addStaking(program, read, command => {
    refuseMisplaced(program, command.command)
    return runStaking(command)
  })
  addUpdates(program, read, command => {
    refuseMisplaced(program, command.command)
    return runUpdates(command)
  })
  addDoctor(program, read, flags => {
    refuseMisplaced(program, 'doctor')
    return runDoctor(flags)
  })
  return program
}

function addDevnet(program: Command, runDevnet: Handlers['runDevnet']): void {
  program
    .command('devnet')
    .description('run a local network of several nodes on this machine')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .addOption(
      new Option('--nodes <n>', 'how many (default: 4, or as many as there were)').argParser(read(parseNodeCount)),
    )
    .addOption(
      new Option('--until <goal>', 'end once this is reached on every node, as in accuracy=0.97').argParser(
        read(parseGoal),
      ),
    )
    .addOption(new Option('--timeout <seconds>', 'end after this long at the latest').argParser(read(parseTimeout)))
    .addOption(
      new Option('--data-dir <dir>', 'folder of the network (default: .hydra/devnet beside the program)').argParser(
        read(parsePath),
      ),
    )
    .addOption(
      new Option('--api-port <n>', "port of the first node's page (default: 8777, or any free one)").argParser(
        read(parsePort),
      ),
    )
    .addOption(
      new Option('--block-interval <ms>', 'time between blocks of a new network')
        .argParser(read(parseInterval))
        .default(1000),
    )
    .addOption(
      new Option('--models <names>', `what a new network begins with (default: ${DEFAULT_TASKS})`)
        .argParser(read(parseTasks))
        .default(DEFAULT_TASKS),
    )
    .addOption(new Option('--json', 'one JSON object a line; the last one is the summary'))
    .addHelpText(
      'after',
      '\nExit codes: 0 the goal was reached, or none was set; 1 not reached or failed; 2 wrong usage.\n',
    )
    .action((flags: DevnetFlags) => {
      refuseMisplaced(program, 'devnet')
      return runDevnet(flags)
    })
}

/** A flag before a subcommand would speak of a single node and be lost. */
function refuseMisplaced(program: Command, command: string): void {
  const misplaced = program.options.find(option => program.getOptionValueSource(option.attributeName()) === 'cli')
  if (misplaced)
    program.error(`error: option '${misplaced.flags}' stands before ${command}. Put the flags of ${command} after it.`)
}

/** A parser's refusal in the form in which commander shows it beside the flag. */
function read<T>(parse: (text: string) => T): (text: string) => T {
  return text => {
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      throw new InvalidArgumentError(error.advice ? `${error.message} ${error.advice}` : error.message)
    }
  }
}

const MAX_PEERS = 64

function collect<T>(parse: (text: string) => T): (text: string, previous?: T[]) => T[] {
  const parseOne = read(parse)
  return (text, previous = []) => {
    if (previous.length >= MAX_PEERS) throw new InvalidArgumentError(`At most ${MAX_PEERS} are taken.`)
    return [...previous, parseOne(text)]
  }
}

const HELP_AFTER = `
Examples:
  hydra_node --user alice123 --create-wallet     the first start: a wallet, then the node
  hydra_node --user bob --port 7778              another node on the same machine finds the first
  hydra_node --peer example.org:7777             join through a node that you know
  hydra_node --bootstrap --public-ip 203.0.113.7 help others to join
  hydra_node --found                             begin a network of your own
  hydra_node --create-wallet --wallet-file alice.wallet
  hydra_node --export-wallet alice.wallet.backup
  hydra_node --export-chain blockchain_backup.dat
  hydra_node --query "What is machine learning?" one answer of the network, for 0.5 HYDRA
  hydra_node --query --local                     a session, for free and without a network
  hydra_node verify-answer answer.json           whether the server told the truth
  hydra_node model create --name flowers --data ./photos   a model of your own; see hydra_node model --help
  hydra_node stake 1.0                           put 1.0 HYDRA at stake, to vote; unstake takes it back
  hydra_node committee                           who votes now, and when the next are drawn
  hydra_node updates --model mnist-cnn           who trained what, how it was checked, what came of it
  hydra_node disputes                            findings that contradict each other, and how that ends
  hydra_node doctor --user alice123              is the data folder well, and what to do if not
  hydra_node devnet --nodes 4 --until accuracy=0.97

Environment:
  HYDRA_PASSWORD      password of the wallet, for programs; people are asked
  HYDRA_NEW_PASSWORD  what --change-password sets
  HYDRA_HOME          where the data folders lie, in place of ~/.hydraai

A wallet made with --wallet-file is only written, unless a flag of the node (such as --port) stands beside it.
--restore-wallet reads the 24 words from standard input when that is no terminal.
A data folder may hold network.json with a bootstrap list: {"bootstrap": ["/dns/example.org/tcp/7777"]}

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 wrong password, 130 interrupted.
`
