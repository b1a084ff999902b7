import { join } from 'node:path'
import { HydraError } from '@hydraai/core'
import { Chain } from '@hydraai/node'
import { BlockStore, inspectDiskStorage, openDiskStorage, type Storage } from '@hydraai/storage'
import { isTaken } from '../files.ts'
import { checkBlobs } from './checks/blobs.ts'
import { checkBlocks } from './checks/blocks.ts'
import { checkFolder, checkSpace, noteOfNode } from './checks/folder.ts'
import { checkEngine, checkGenesisPin, checkNetworkFiles, checkWallet, messageOf } from './checks/identity.ts'
import { checkLeftovers } from './checks/leftovers.ts'
import { checkLogs } from './checks/log.ts'
import { checkSigner } from './checks/signer.ts'
import { checkValues } from './checks/values.ts'
import type { Examination } from './finding.ts'

const IN_DATABASE = ['values', 'chain', 'signer', 'content'] as const

/** All checks of a data folder, one after the other. What is found is told as it is found; nothing is thrown for it. */
export async function examine(examination: Examination): Promise<void> {
  const { folder, tell, stop } = examination
  if (!(await checkFolder(examination))) return
  await checkSpace(examination)
  await checkWallet(examination)
  const genesis = await checkGenesisPin(examination)
  if (genesis) checkEngine(examination, genesis)
  await checkNetworkFiles(examination)
  const note = await noteOfNode(examination)
  if (note === 'answers') return skipDatabase(examination, 'a node runs in this folder')

  const report = await inspectDiskStorage(folder.storeFolder)
  // A marked folder without a database has lost it: opening says so, and changes nothing.
  if (!report.database && !(await isTaken(join(folder.storeFolder, 'FORMAT')))) {
    const text = 'there is none yet: the node fetches the chain from its peers'
    tell({ check: 'database', verdict: genesis ? 'warn' : 'ok', text })
    return checkLeftovers(examination, note)
  }
  const storage = await openDatabase(examination)
  if (!storage) return
  try {
    await checkLeftovers(examination, note)
    // Damaged logs are moved away, so the lock on the folder has to be held: no node begins meanwhile.
    await checkLogs(examination, report)
    if (stop.aborted) return
    if (!genesis) await checkUnpinned(examination, storage)
    await checkValues(examination, storage.db)
    const chain = genesis && (await openChain(examination, { genesis, storage }))
    if (chain && !stop.aborted) await checkBlocks(examination, chain)
    if (!stop.aborted) await checkSigner(examination, storage.db, chain)
    if (!stop.aborted) await checkBlobs(examination, storage.db, chain)
  } finally {
    await storage.close()
  }
}

/** Blocks in a folder that belongs to no network: an import pins the genesis once its first block is in. */
async function checkUnpinned({ folder, tell }: Examination, { db }: Storage): Promise<void> {
  const height = await new BlockStore(db).latestHeight().catch(() => undefined)
  if (height === undefined || (await isTaken(folder.genesisFile))) return
  const text = `the database holds ${height} blocks, but the genesis file is missing`
  const advice = 'Run the --import-chain that was cut off again, or put the genesis file of your network in its place.'
  tell({ check: 'genesis', verdict: 'fail', text, advice })
}

async function openDatabase(examination: Examination): Promise<Storage | undefined> {
  const { folder, tell } = examination
  try {
    const storage = await openDiskStorage(folder.storeFolder)
    tell({ check: 'database', verdict: 'ok', text: 'opens' })
    return storage
  } catch (error) {
    if (error instanceof HydraError && error.code === 'STORAGE_LOCKED') {
      skipDatabase(examination, 'a running node, or another command, has it open')
      return undefined
    }
    const advice = error instanceof HydraError ? error.advice : undefined
    tell({ check: 'database', verdict: 'fail', text: messageOf(error), ...(advice && { advice }) })
    skipAll(examination, 'the database does not open')
    return undefined
  }
}

function skipDatabase(examination: Examination, why: string): void {
  const advice = 'Stop that node with Ctrl-C and run this again to have the rest checked.'
  examination.tell({
    check: 'database',
    verdict: 'warn',
    text: `${why}: it can only be looked at from outside`,
    advice,
  })
  skipAll(examination, 'the database is in use')
}

function skipAll({ tell }: Examination, text: string): void {
  for (const check of IN_DATABASE) tell({ check, verdict: 'skip', text })
}

/** Opening compares the state with the newest header. */
async function openChain({ tell }: Examination, options: Parameters<typeof Chain.open>[0]): Promise<Chain | undefined> {
  try {
    const chain = await Chain.open(options)
    const held = chain.lowest > 1 ? `, blocks held from ${chain.lowest} on` : ''
    tell({ check: 'state', verdict: 'ok', text: `at block ${chain.height}, as its header says${held}` })
    return chain
  } catch (error) {
    const advice = error instanceof HydraError ? error.advice : undefined
    tell({ check: 'state', verdict: 'fail', text: messageOf(error), ...(advice && { advice }) })
    tell({ check: 'chain', verdict: 'skip', text: 'the state does not fit' })
    return undefined
  }
}
