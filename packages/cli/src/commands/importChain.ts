import { HydraError } from '@hydraai/core'
import { genesisHash } from '@hydraai/ledger'
import { Chain, type DataFolder } from '@hydraai/node'
import { ChainIntake } from '../chainFile/chainIntake.ts'
import { type ChainFile, readChainFile } from '../chainFile/readChainFile.ts'
import { ExitCode } from '../exit.ts'
import { pinnedGenesis } from '../joining/genesisFile.ts'
import { ProgressPace } from '../output/progressPace.ts'
import type { Reporter } from '../output/reporter.ts'
import { StopRequest } from '../stopRequest.ts'
import { openFolderStorage } from './chainStorage.ts'

/**
 * Brings a chain file into a data folder. Every block is checked as if a stranger had sent it; what the folder has
 * already stays and is gone on from. Needs no network and no password.
 */
export async function importChain(options: { folder: DataFolder; file: string; reporter: Reporter }): Promise<number> {
  const { folder, file, reporter } = options
  const source = await readChainFile(file)
  const stop = new StopRequest()
  try {
    await refuseForeign(folder, source, file)
    await folder.create()
    const storage = await openFolderStorage(folder, 'import')
    try {
      const chain = await Chain.open({ genesis: source.genesis, storage })
      const had = chain.height
      await importBlocks({ source, file, chain, folder, reporter, stop: stop.asked })
      // A file that holds a genesis alone pins it too.
      await pinOnce(folder, source)
      reporter.chainImported({ file, height: chain.height, added: chain.height - had, genesis: chain.genesisHash })
      return ExitCode.ok
    } finally {
      await storage.close()
    }
  } finally {
    stop.release()
    source.close()
  }
}

async function importBlocks(options: {
  source: ChainFile
  file: string
  chain: Chain
  folder: DataFolder
  reporter: Reporter
  stop: AbortSignal
}): Promise<void> {
  const { source, file, chain, folder, reporter, stop } = options
  const had = Math.min(chain.height, source.total)
  const checking = new ProgressPace('check', had, reporter)
  let importing: ProgressPace | null = null
  let pinned = (await pinnedGenesis(folder)) !== undefined
  const intake = new ChainIntake(chain, file)
  try {
    for await (const entry of source.blocks()) {
      if (stop.aborted) break
      if (entry.height <= had) {
        await intake.compare(entry)
        checking.at(entry.height)
        continue
      }
      importing ??= new ProgressPace('import', source.total, reporter)
      await intake.add(entry)
      // Once blocks have proved the genesis: a worthless file pins nothing.
      if (!pinned && chain.height > 0) {
        await pinOnce(folder, source)
        pinned = true
      }
      importing.at(entry.height)
    }
  } finally {
    // What was good before the file turned out bad, or before Ctrl-C, is kept. If some of that is bad too, it comes first.
    await intake.finish().finally(() => (chain.height > 0 ? pinOnce(folder, source) : undefined))
  }
  if (stop.aborted)
    throw new HydraError('CANCELLED', `The import was stopped after block ${chain.height} of ${source.total}.`, {
      advice: 'The same command goes on from there.',
    })
}

async function refuseForeign(folder: DataFolder, { genesis }: ChainFile, file: string): Promise<void> {
  const pinned = await pinnedGenesis(folder)
  if (!pinned || genesisHash(pinned) === genesisHash(genesis)) return
  throw new HydraError(
    'CHAIN_FOREIGN',
    `${file} holds chain ${genesis.chainId}, but ${folder.path} belongs to ${pinned.chainId} (genesis ${genesisHash(pinned).slice(0, 10)}).`,
    { advice: 'Import it with another --data-dir or --user. Nothing was changed.' },
  )
}

async function pinOnce(folder: DataFolder, { genesis }: ChainFile): Promise<void> {
  if (!(await pinnedGenesis(folder))) await folder.pin(genesis)
}
