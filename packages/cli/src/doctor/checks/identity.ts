import { join } from 'node:path'
import { HydraError, readWalletHeader } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { checkGenesis, type Genesis, genesisHash } from '@hydraai/ledger'
import { isTaken, readSmallFile } from '../../files.ts'
import { pinnedGenesis } from '../../joining/genesisFile.ts'
import { readBootstrapList } from '../../joining/networkFile.ts'
import { moveAside } from '../aside.ts'
import type { Examination } from '../finding.ts'

/** The form of the wallet: whether it opens is known to whoever has the password. */
export async function checkWallet({ folder, tell }: Examination): Promise<void> {
  const path = folder.walletFile
  if (!(await isTaken(path))) {
    const advice = 'Add --create-wallet at the next start, or --restore-wallet to bring one back from its 24 words.'
    tell({ check: 'wallet', verdict: 'warn', text: `there is none at ${path}`, advice })
    return
  }
  try {
    const { address, name } = readWalletHeader(await readSmallFile(path))
    tell({ check: 'wallet', verdict: 'ok', text: `${name}, ${address} (its form; the password was not asked for)` })
  } catch (error) {
    const advice = 'Put a copy in its place (--export-wallet made one), or bring it back with --restore-wallet.'
    tell({ check: 'wallet', verdict: 'fail', text: messageOf(error), advice })
  }
}

/** The genesis that the folder is pinned to; undefined when there is none or it is no good. */
export async function checkGenesisPin({ folder, tell }: Examination): Promise<Genesis | undefined> {
  const advice = 'Put the genesis file of your network in its place; nothing else in the folder is touched.'
  let genesis: Genesis | undefined
  try {
    genesis = await pinnedGenesis(folder)
    if (genesis) checkGenesis(genesis)
  } catch (error) {
    tell({ check: 'genesis', verdict: 'fail', text: messageOf(error), advice })
    return undefined
  }
  if (!genesis) {
    const text = 'the folder does not belong to a network yet'
    tell({ check: 'genesis', verdict: 'warn', text, advice: 'The first start finds one, or founds one with --found.' })
    return undefined
  }
  tell({ check: 'genesis', verdict: 'ok', text: `${genesis.chainId}, ${genesisHash(genesis)}` })
  return genesis
}

export function checkEngine({ tell }: Examination, genesis: Genesis): void {
  if (genesis.engine === ENGINE_SHA256) {
    tell({ check: 'engine', verdict: 'ok', text: ENGINE_SHA256.slice(0, 16) })
    return
  }
  const text = `the network computes with engine ${genesis.engine.slice(0, 16)}, this release has ${ENGINE_SHA256.slice(0, 16)}`
  tell({ check: 'engine', verdict: 'fail', text, advice: 'Install the release that the network runs.' })
}

/** What the node is known and reached by. */
export async function checkNetworkFiles({ folder, tell, repair }: Examination): Promise<void> {
  try {
    await readBootstrapList(folder.path)
  } catch (error) {
    const advice = error instanceof HydraError ? error.advice : undefined
    tell({ check: 'bootstrap', verdict: 'fail', text: messageOf(error), ...(advice && { advice }) })
  }
  const path = join(folder.path, 'peer.key')
  if (!(await isTaken(path))) return
  try {
    await folder.peerKey()
    tell({ check: 'peer key', verdict: 'ok', text: 'well formed' })
  } catch (error) {
    const advice = 'With --repair it is moved away; the node makes a new one and is known under a new id.'
    const repaired = repair ? `moved to ${await moveAside(folder, path)}` : undefined
    const finding = { check: 'peer key', verdict: 'fail', text: messageOf(error), advice } as const
    tell({ ...finding, ...(repaired !== undefined && { repaired }) })
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
