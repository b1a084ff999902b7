import { randomBytes } from 'node:crypto'
import { HydraError, type KeyPair } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { type Genesis, genesisHash } from '@hydraai/ledger'
import { type DataFolder, fetchGenesis } from '@hydraai/node'
import { isInteractive } from '../environment.ts'
import type { NodeSettings } from '../options/nodeOptions.ts'
import type { Reporter } from '../output/reporter.ts'
import { askYesNo } from '../prompts.ts'
import { foundOwnNetwork } from './foundOwnNetwork.ts'
import { pinnedGenesis, readGenesisFile } from './genesisFile.ts'

const SEARCH_MS = 5_000
const SEED_BYTES = 32

/**
 * The genesis that the data folder is pinned to. A new folder is pinned first: to the genesis of a file, to that of
 * whoever is found, or to one that this node founds.
 */
export async function obtainGenesis(options: {
  folder: DataFolder
  settings: NodeSettings
  identity: { keys: KeyPair; name: string }
  candidates: readonly string[]
  reporter: Reporter
}): Promise<Genesis> {
  const { folder, settings, identity, candidates, reporter } = options
  const pinned = await pinnedGenesis(folder)
  if (pinned) {
    if (settings.genesisFile) await refuseOtherGenesis(pinned, settings.genesisFile, folder)
    return told(pinned, 'folder', reporter)
  }
  if (settings.genesisFile) {
    const genesis = await readGenesisFile(settings.genesisFile)
    return told(await pin(folder, genesis), settings.genesisFile, reporter)
  }
  reporter.looking()
  const seed = new Uint8Array(randomBytes(SEED_BYTES))
  const found = await fetchGenesis({ seed, addresses: candidates, timeoutMs: SEARCH_MS, lan: settings.lan })
  if (found) return told(await pin(folder, found.genesis), found.address, reporter)
  reporter.clear()
  if (!settings.found && !(await offersToFound())) throw nobodyFound()
  reporter.founding()
  return told(await foundOwnNetwork({ folder, identity, settings }), 'founded', reporter)
}

async function offersToFound(): Promise<boolean> {
  if (!isInteractive()) return false
  return askYesNo('Nobody was found to join. Found a new network, with this node as its first validator?', false)
}

function nobodyFound(): HydraError {
  return new HydraError('NETWORK_NOT_FOUND', `Nobody was found to join within ${SEARCH_MS / 1000} s.`, {
    advice: 'Name a node of the network with --peer, or found a new network with --found.',
  })
}

/** Before anything is pinned: a folder pinned to a network that this release cannot compute for would be lost. */
async function pin(folder: DataFolder, genesis: Genesis): Promise<Genesis> {
  if (genesis.engine !== ENGINE_SHA256)
    throw new HydraError(
      'ENGINE_MISMATCH',
      `The network computes with engine ${genesis.engine.slice(0, 16)}, this release is ${ENGINE_SHA256.slice(0, 16)}.`,
      { advice: 'Install the release that the network runs. Nothing was changed.' },
    )
  await folder.pin(genesis)
  return genesis
}

async function refuseOtherGenesis(pinned: Genesis, file: string, folder: DataFolder): Promise<void> {
  const given = await readGenesisFile(file)
  if (genesisHash(given) === genesisHash(pinned)) return
  throw new HydraError('GENESIS_OTHER', `${folder.path} belongs to another network than ${file}.`, {
    advice: 'Give another --data-dir for that network, or leave --genesis out.',
  })
}

function told(genesis: Genesis, from: string, reporter: Reporter): Genesis {
  reporter.genesis({ hash: genesisHash(genesis), chainId: genesis.chainId, from })
  return genesis
}
