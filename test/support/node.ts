import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sealWallet } from '@hydraai/core'
import { Api } from './api.ts'
import { type JsonLine, PASSWORD, type Program } from './program.ts'
import type { Workplace } from './workplace.ts'

const START_MS = 90_000

/** A node in a process of its own, ready. */
export interface RunningNode {
  readonly program: Program
  readonly api: Api
  /** What it printed when it was ready. */
  readonly ready: JsonLine
  readonly folder: string
  /** The multiaddr to join through. */
  readonly address: string
  readonly token: string
}

/** A wallet whose key is derived at next to no cost: for tests that start many nodes. */
export function makeWallet(workplace: Workplace, name: string): void {
  const wallet = sealWallet({
    entropy: new Uint8Array(randomBytes(32)),
    name,
    password: PASSWORD,
    salt: new Uint8Array(randomBytes(16)),
    nonce: new Uint8Array(randomBytes(24)),
    cost: { memoryBytes: 8 * 1024 * 1024, passes: 1 },
  })
  mkdirSync(workplace.path(name), { recursive: true })
  writeFileSync(workplace.path(name, 'wallet.json'), wallet, { mode: 0o600 })
}

/** The flags of a node that meets nobody by chance and takes any free ports. */
export function nodeFlags(workplace: Workplace, name: string): string[] {
  const folder = workplace.path(name)
  return [
    ...['--user', name, '--data-dir', folder, '--port', '0', '--api-port', '0'],
    ...['--json', '--no-local-discovery', '--log-level', 'info'],
    ...(existsSync(join(folder, 'wallet.json')) ? [] : ['--create-wallet']),
  ]
}

export async function startNode(workplace: Workplace, name: string, more: readonly string[]): Promise<RunningNode> {
  const program = workplace.start([...nodeFlags(workplace, name), ...more])
  const ready = await program.line(`${name} to be ready`, START_MS, ({ event }) => event === 'ready')
  const folder = workplace.path(name)
  const token = readFileSync(join(folder, 'api-token'), 'utf8').trim()
  const [address] = ready.addresses
  return { program, ready, folder, address, token, api: new Api(ready.api, token) }
}
