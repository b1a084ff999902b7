import { encode, HydraError } from '@hydraai/core'
import { genesisCodec } from '@hydraai/ledger'
import { Chain, type DataFolder } from '@hydraai/node'
import { ChainFileWriter } from '../chainFile/writeChainFile.ts'
import { ExitCode } from '../exit.ts'
import { fileError, refuseTaken } from '../files.ts'
import { pinnedGenesis } from '../joining/genesisFile.ts'
import { ProgressPace } from '../output/progressPace.ts'
import type { Reporter } from '../output/reporter.ts'
import { StopRequest } from '../stopRequest.ts'
import { openFolderStorage } from './chainStorage.ts'

/**
 * Writes the chain of a data folder into one file, a block at a time. Needs no network and no password. One that was cut
 * off, by Ctrl-C or by anything else, is gone on with by the same command.
 */
export async function exportChain(options: { folder: DataFolder; file: string; reporter: Reporter }): Promise<number> {
  const { folder, file, reporter } = options
  await refuseTaken(file)
  const genesis = await pinnedGenesis(folder)
  if (!genesis)
    throw new HydraError('CHAIN_MISSING', `There is no chain in ${folder.path}.`, {
      advice: 'Name the node with --user, or its folder with --data-dir.',
    })
  const storage = await openFolderStorage(folder, 'export')
  const stop = new StopRequest()
  try {
    const chain = await Chain.open({ genesis, storage })
    refusePruned(chain)
    const bytes = await writeChain({ chain, file, reporter, stop: stop.asked }).catch(error => {
      throw fileError(file, error)
    })
    reporter.chainExported({ file, height: chain.height, bytes, genesis: chain.genesisHash })
    return ExitCode.ok
  } finally {
    stop.release()
    await storage.close()
  }
}

/** The bytes of the file. */
async function writeChain(options: {
  chain: Chain
  file: string
  reporter: Reporter
  stop: AbortSignal
}): Promise<number> {
  const { chain, file, reporter, stop } = options
  const genesis = encode(genesisCodec, chain.genesis)
  const checking = new ProgressPace('check', chain.height, reporter)
  const onChecked = (height: number) => checking.at(height)
  const target = await ChainFileWriter.open({ file, genesis, total: chain.height, onChecked })
  try {
    const pace = new ProgressPace('export', chain.height, reporter)
    while (target.height < chain.height) {
      if (stop.aborted)
        throw new HydraError('CANCELLED', `The export was stopped after block ${target.height} of ${chain.height}.`, {
          advice: 'The same command goes on from there.',
        })
      const { block, commit } = await storedBlock(chain, target.height + 1)
      await target.append(block, commit)
      pace.at(target.height)
    }
    await target.finish(file)
    return target.bytes
  } catch (error) {
    await target.leave()
    throw error
  }
}

function refusePruned({ lowest }: Chain): void {
  if (lowest <= 1) return
  throw new HydraError('CHAIN_PRUNED', `This node holds blocks from ${lowest} on: the ones before are not here.`, {
    advice: 'Export from a node that keeps all blocks (--archive). Such a node syncs with --archive --sync blocks.',
  })
}

async function storedBlock(chain: Chain, height: number): Promise<{ block: Uint8Array; commit: Uint8Array }> {
  const stored = await chain.rawBlockAt(height)
  if (stored) return stored
  throw new HydraError('STORAGE_CORRUPT', `The database does not hold block ${height}.`, {
    advice: 'Run hydra_node doctor to see what else is wrong, and what to do.',
  })
}
