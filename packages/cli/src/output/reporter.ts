import type { Address, Hash } from '@hydraai/core'
import type { Activity } from '@hydraai/node'

/** How a command tells what happens: JSON lines for machines, facts for people. */
export interface Reporter {
  walletWritten(wallet: { file: string; address: Address; how: 'created' | 'restored'; phrase?: string }): void
  walletExported(wallet: { file: string; to: string; address: Address }): void
  passwordChanged(wallet: { file: string; address: Address }): void

  starting(node: { name: string; address: Address; dataDir: string }): void
  looking(): void
  founding(): void
  /** `from`: `folder` (known since an earlier start), `founded`, or the file or peer that it came from. */
  genesis(network: { hash: Hash; chainId: string; from: string }): void
  ready(node: ReadyNode): void
  model(version: ModelVersion): void
  block(block: { height: number; hash: Hash; time: number; transactions: number }): void
  activity(entry: Activity): void
  /** How the node stands now. Only people are shown it. */
  standing(standing: Standing): void
  stopping(): void
  stopped(): void

  chainProgress(progress: ChainProgress): void
  chainExported(chain: { file: string; height: number; bytes: number; genesis: Hash }): void
  chainImported(chain: { file: string; height: number; added: number; genesis: Hash }): void

  /** Takes the live line away: something else is about to be written. */
  clear(): void
  /** A line of the log, on stderr. */
  log(line: string): void
}

export interface ReadyNode {
  readonly name: string
  readonly address: Address
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly api: string | null
  /** Spends from the wallet: for the person at the terminal only. */
  readonly token: string | null
  readonly pid: number
  readonly height: number
  readonly chainId: string
  readonly genesis: Hash
  readonly announcesPage: boolean
}

export interface ModelVersion {
  readonly model: string
  readonly version: number
  readonly accuracy: number
  readonly loss: number
  readonly parameters: Hash
  readonly height: number
  readonly updates: number
}

export interface Standing {
  readonly height: number
  readonly peers: number
  readonly synced: boolean
  /** HYDRA, as text. */
  readonly balance: string
  /** What the node is doing, in a few words. */
  readonly doing: string
}

export interface ChainProgress {
  /** `check`: going over what an earlier try has left, before going on from there. */
  readonly doing: 'check' | 'export' | 'import'
  readonly height: number
  /** Blocks of it that this run has done. */
  readonly done: number
  readonly total: number
  readonly seconds: number
}
