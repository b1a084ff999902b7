import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { HydraError } from '@hydraai/core'
import type { SyncMode, TrustedPoint } from '@hydraai/node'
import type { QueryFlags } from '../asking/queryOptions.ts'
import { homeFolder } from '../environment.ts'
import { DEFAULT_TASKS } from '../tasks.ts'
import type { LogLevel } from './values.ts'

/** The flags of `hydra_node` without a subcommand, as they were given. */
export interface NodeFlags extends QueryFlags {
  readonly user?: string
  readonly createWallet?: true
  readonly restoreWallet?: true
  readonly walletFile?: string
  readonly exportWallet?: string
  readonly changePassword?: true
  readonly exportChain?: string
  readonly importChain?: string
  readonly bootstrap?: true
  readonly port?: number
  readonly publicIp?: string
  readonly host?: string
  readonly peer?: readonly string[]
  readonly lan?: true
  readonly localDiscovery: boolean
  readonly found?: true
  readonly blockInterval?: number
  readonly models?: readonly string[]
  readonly genesis?: string
  readonly stake: boolean
  readonly train: boolean
  readonly threads?: number
  readonly archive?: true
  readonly keepBlocks?: number
  readonly sync?: SyncMode
  readonly trust?: TrustedPoint
  readonly dataDir?: string
  readonly apiPort?: number
  readonly logLevel?: LogLevel
  readonly json?: true
  readonly headless?: true
}

export const SYNC_MODES = ['auto', 'blocks', 'snapshot'] as const satisfies readonly SyncMode[]

export const DEFAULT_USER = 'hydra'
export const DEFAULT_PORT = 7777
const API_PORT_OFFSET = 1000

/** How a node is to run. */
export interface NodeSettings {
  /** As given; without it the wallet's name is taken. */
  readonly user: string | undefined
  readonly dataDir: string
  /** Undefined: the data folder's own. */
  readonly walletFile: string | undefined
  readonly host: string
  readonly port: number
  readonly publicIp: string | undefined
  readonly apiPort: number
  readonly peers: readonly string[]
  readonly lan: boolean
  readonly localDiscovery: boolean
  readonly found: boolean
  readonly blockIntervalMs: number | undefined
  /** What a network that this node founds begins with. */
  readonly models: readonly string[]
  readonly genesisFile: string | undefined
  readonly stakes: boolean
  readonly trains: boolean
  /** That share the steps of a unit, and as many those of a check. */
  readonly threads: number
  /** Blocks that are kept; null keeps all, undefined what the chain's parameters ask for. */
  readonly keepBlocks: number | null | undefined
  readonly sync: SyncMode
  /** A block to begin from, from somebody that the user trusts. */
  readonly trust: TrustedPoint | null
  readonly announcesPage: boolean
}

export function dataDirOf({ user = DEFAULT_USER, dataDir }: Pick<NodeFlags, 'user' | 'dataDir'>): string {
  return resolve(dataDir ?? join(homeFolder(), user))
}

/** The flags with their defaults. Throws OPTION_INVALID for those that contradict each other. */
export function nodeSettings(flags: NodeFlags): NodeSettings {
  const { port = DEFAULT_PORT } = flags
  const open = flags.bootstrap || flags.lan || flags.publicIp !== undefined
  if (flags.blockInterval !== undefined && !flags.found)
    throw new HydraError('OPTION_INVALID', 'Only the founder of a network chooses its --block-interval.', {
      advice: 'Add --found, or leave it out.',
    })
  if (flags.models !== undefined && !flags.found)
    throw new HydraError('OPTION_INVALID', 'Only the founder of a network chooses the --models it begins with.', {
      advice: 'Add --found, or leave it out. A model of your own is added by hydra_node model create.',
    })
  if (flags.archive && flags.sync === 'snapshot')
    throw new HydraError('OPTION_INVALID', 'A node that begins at a snapshot never has the blocks before it.', {
      advice: 'Leave --archive out, or sync with --sync blocks.',
    })
  if (flags.archive && flags.trust)
    throw new HydraError('OPTION_INVALID', 'A node that begins at a block it trusts has none of those before it.', {
      advice: 'Leave --archive or --trust out.',
    })
  if (flags.trust && flags.sync === 'blocks')
    throw new HydraError(
      'OPTION_INVALID',
      'With --sync blocks every block is checked from genesis: nothing is trusted.',
      {
        advice: 'Leave --trust out.',
      },
    )
  return {
    user: flags.user,
    dataDir: dataDirOf(flags),
    walletFile: flags.walletFile && resolve(flags.walletFile),
    host: flags.host ?? (open ? '0.0.0.0' : '127.0.0.1'),
    port,
    publicIp: flags.publicIp,
    apiPort: flags.apiPort ?? apiPortFor(port),
    peers: flags.peer ?? [],
    lan: flags.lan === true,
    localDiscovery: flags.localDiscovery,
    found: flags.found === true,
    blockIntervalMs: flags.blockInterval,
    models: flags.models ?? DEFAULT_TASKS,
    genesisFile: flags.genesis,
    stakes: flags.stake,
    trains: flags.train,
    threads: flags.threads ?? usualThreads(availableParallelism()),
    keepBlocks: flags.archive ? null : flags.keepBlocks,
    sync: flags.sync ?? (flags.archive ? 'blocks' : 'auto'),
    trust: flags.trust ?? null,
    announcesPage: flags.headless !== true,
  }
}

/** Half of the cores: training and checking go on side by side. More than eight wait for one another. */
export function usualThreads(cores: number): number {
  return Math.min(8, Math.max(1, Math.floor(cores / 2)))
}

/** 8777 for 7777; any free port where there is none so high. */
function apiPortFor(port: number): number {
  return port === 0 || port + API_PORT_OFFSET > 65_535 ? 0 : port + API_PORT_OFFSET
}
