import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HydraError } from '@hydraai/core'
import { MAX_NODES } from '../devnet/members.ts'
import type { Goal } from '../devnet/options.ts'
import { runDevnet } from '../devnet/runDevnet.ts'
import { isPortFree, refusePortInUse } from '../ports.ts'

export interface DevnetFlags {
  readonly nodes?: number
  readonly until?: Goal
  readonly timeout?: number
  readonly json?: true
  readonly dataDir?: string
  readonly apiPort?: number
  readonly blockInterval: number
  readonly models: readonly string[]
}

const DEFAULT_FOLDER = fileURLToPath(new URL('../../../../.hydra/devnet', import.meta.url))
const DEFAULT_API_PORT = 8777

/** Runs the local network. Answers the exit code. */
export async function devnet(flags: DevnetFlags): Promise<number> {
  if (flags.nodes !== undefined && flags.nodes > MAX_NODES)
    throw new HydraError('OPTION_INVALID', `A local network has at most ${MAX_NODES} nodes, not ${flags.nodes}.`)
  return runDevnet({
    nodes: flags.nodes,
    until: flags.until,
    timeoutSeconds: flags.timeout,
    folder: resolve(flags.dataDir ?? DEFAULT_FOLDER),
    json: flags.json === true,
    apiPort: await pagePort(flags.apiPort),
    blockIntervalMs: flags.blockInterval,
    models: flags.models,
  })
}

/** The usual port, or any when that is taken; a port that was asked for is not swapped for another. */
async function pagePort(asked: number | undefined): Promise<number> {
  if (asked === undefined) return (await isPortFree('127.0.0.1', DEFAULT_API_PORT)) ? DEFAULT_API_PORT : 0
  await refusePortInUse('127.0.0.1', asked, '--api-port')
  return asked
}
