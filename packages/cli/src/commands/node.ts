import { setTimeout as sleep } from 'node:timers/promises'
import { DataFolder, type RunningNode, startNode } from '@hydraai/node'
import { ExitCode } from '../exit.ts'
import { joinCandidates } from '../joining/candidates.ts'
import { obtainGenesis } from '../joining/obtainGenesis.ts'
import type { NodeSettings } from '../options/nodeOptions.ts'
import type { LogLevel } from '../options/values.ts'
import { makeLogger } from '../output/logger.ts'
import type { Reporter } from '../output/reporter.ts'
import { refusePortInUse } from '../ports.ts'
import { StopRequest } from '../stopRequest.ts'
import type { Identity } from '../wallet/walletActions.ts'
import { haltedError, watchNode } from './watchNode.ts'

const STOP_TIMEOUT_MS = 10_000

/** Runs a node until it is asked to stop. Owns the keys from here on. Answers the exit code. */
export async function runNode(options: {
  settings: NodeSettings
  identity: Identity
  reporter: Reporter
  logging: { level: LogLevel; json: boolean }
}): Promise<number> {
  const { settings, identity, reporter } = options
  const { keys } = identity
  const name = settings.user ?? identity.name
  const folder = new DataFolder(settings.dataDir)
  const stop = new StopRequest()
  try {
    reporter.starting({ name, address: keys.address, dataDir: folder.path })
    // Before a new folder is pinned to a network that it then cannot take part in.
    await refusePortInUse(settings.host, settings.port, '--port')
    await refusePortInUse('127.0.0.1', settings.apiPort, '--api-port')
    const candidates = await joinCandidates(settings)
    const genesis = await obtainGenesis({ folder, settings, identity: { keys, name }, candidates, reporter })
    if (stop.asked.aborted) return ExitCode.ok
    const running = await startNode({
      folder,
      genesis,
      keys,
      name,
      host: settings.host,
      port: settings.port,
      ...(settings.publicIp !== undefined && { publicIp: settings.publicIp }),
      bootstrap: candidates,
      lan: settings.lan,
      apiPort: settings.apiPort,
      stakes: settings.stakes,
      trains: settings.trains,
      threads: settings.threads,
      sync: settings.sync,
      trust: settings.trust,
      // As long as stake is unbonding, a block may have to be shown as evidence.
      keepBlocks: settings.keepBlocks === undefined ? genesis.parameters.unbondingBlocks : settings.keepBlocks,
      logger: makeLogger({ ...options.logging, reporter }),
    })
    const halted = await watchNode({ running, reporter, announcesPage: settings.announcesPage, stop: stop.asked })
    reporter.stopping()
    await stopInTime(running)
    reporter.stopped()
    if (halted) throw await haltedError(folder, running.node.consensus.progress.haltedBy)
    return ExitCode.ok
  } finally {
    keys.wipe()
    stop.release()
  }
}

/** What was committed is on disk already: a service that does not end must not hold up the end. */
async function stopInTime(running: RunningNode): Promise<void> {
  await Promise.race([running.stop(), sleep(STOP_TIMEOUT_MS)])
}
