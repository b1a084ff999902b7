import { commitCodec } from '@hydraai/consensus'
import { decode, equalBytes, HydraError } from '@hydraai/core'
import { type Block, blockCodec, genesisHash } from '@hydraai/ledger'
import { Chain, type DataFolder } from '@hydraai/node'
import { type ChainFile, damaged, readChainFile } from '../chainFile/readChainFile.ts'
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
  let pace = new ProgressPace('check', had, reporter)
  for await (const { height, block, commit } of source.blocks()) {
    if (stop.aborted)
      throw new HydraError('CANCELLED', `The import was stopped after block ${chain.height} of ${source.total}.`, {
        advice: 'The same command goes on from there.',
      })
    if (height === had + 1) pace = new ProgressPace('import', source.total, reporter)
    if (height <= had) await compare(chain, file, height, block)
    else await append(chain, file, height, block, commit)
    // Once a block has proved the genesis: a worthless file pins nothing.
    if (height === 1) await pinOnce(folder, source)
    pace.at(height)
  }
}

async function append(chain: Chain, file: string, height: number, block: Uint8Array, commit: Uint8Array) {
  try {
    await chain.append(decode(blockCodec, block), decode(commitCodec, commit))
  } catch (error) {
    if (!(error instanceof HydraError) || error.code.startsWith('STORAGE_')) throw error
    throw damaged(file, height, error.message.replace(/\.$/, ''), error)
  }
}

/** A block that the folder has already must be the same one. */
async function compare(chain: Chain, file: string, height: number, block: Uint8Array): Promise<void> {
  const stored = await chain.rawBlockAt(height)
  if (stored && !equalBytes(stored.block, block)) throw damaged(file, height, whyDifferent(block, chain))
}

function whyDifferent(bytes: Uint8Array, chain: Chain): string {
  let block: Block
  try {
    block = decode(blockCodec, bytes)
  } catch {
    return 'the file is altered there'
  }
  return block.header.chainId === chain.chainId
    ? 'it is not the block that this folder has at that height'
    : 'it is a block of another chain'
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
