import { encode, HydraError } from '@hydraai/core'
import { genesisCodec } from '@hydraai/ledger'
import { Chain, type DataFolder } from '@hydraai/node'
import { header, record } from '../chainFile/format.ts'
import { ExitCode } from '../exit.ts'
import { refuseTaken, writeNewFile } from '../files.ts'
import { pinnedGenesis } from '../joining/genesisFile.ts'
import { ProgressPace } from '../output/progressPace.ts'
import type { Reporter } from '../output/reporter.ts'
import { StopRequest } from '../stopRequest.ts'
import { openFolderStorage } from './chainStorage.ts'

const PUBLIC = 0o644

/** Writes the chain of a data folder into one file, a block at a time. Needs no network and no password. */
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
    const pace = new ProgressPace('export', chain.height, reporter)
    let bytes = 0
    await writeNewFile(file, PUBLIC, async target => {
      const write = async (part: Uint8Array) => {
        await target.writeFile(part)
        bytes += part.length
      }
      await write(header(encode(genesisCodec, genesis), chain.height))
      for (let height = 1; height <= chain.height; height++) {
        if (stop.asked.aborted) throw new HydraError('CANCELLED', 'The export was stopped; no file was written.')
        const { block, commit } = await storedBlock(chain, height)
        await write(record(block))
        await write(record(commit))
        pace.at(height)
      }
    })
    reporter.chainExported({ file, height: chain.height, bytes, genesis: chain.genesisHash })
    return ExitCode.ok
  } finally {
    stop.release()
    await storage.close()
  }
}

async function storedBlock(chain: Chain, height: number): Promise<{ block: Uint8Array; commit: Uint8Array }> {
  const stored = await chain.rawBlockAt(height)
  if (stored) return stored
  throw new HydraError('STORAGE_CORRUPT', `The database does not hold block ${height}.`, {
    advice: 'Move the data folder away (keep the wallet) and start again: the node fetches the chain from its peers.',
  })
}
