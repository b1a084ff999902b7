// A process of its own that writes to a folder until it is killed or fails: `node writer.ts FOLDER`. It prints
// `ok HEIGHT` once block HEIGHT, its signer's record and its log record are durable, and at a failure `error CODE`.
// With `node writer.ts FOLDER retry` it then lifts its own limit on the size of files, as if room had been made, writes
// once more, and prints `again CODE`, or `again ok`.
import { execFileSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { HydraError } from '@hydraai/core'
import { openDiskStorage } from '../disk/openDiskStorage.ts'
import { BlockStore } from '../stores/blockStore.ts'
import { SignerStore } from '../stores/signerStore.ts'
import { blockOf, changeOf, signerRecordOf } from './sampleBlocks.ts'

const codeOf = (error: unknown) => (error instanceof HydraError ? error.code : String(error))

try {
  const storage = await openDiskStorage(process.argv[2]!)
  const blocks = new BlockStore(storage.db)
  const signer = new SignerStore(storage.db)
  const log = await storage.openLog('wal')
  const write = async (height: number) => {
    const block = blockOf(height)
    await log.append(block.commit)
    await signer.save(signerRecordOf(height))
    await blocks.append([block], changeOf(height))
    writeSync(1, `ok ${height}\n`)
  }
  let height = (await blocks.latestHeight()) ?? 0
  try {
    for (;;) await write(++height)
  } catch (error) {
    if (process.argv[3] !== 'retry') throw error
    writeSync(1, `error ${codeOf(error)}\n`)
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
    const again = await write(height).then(() => 'ok', codeOf)
    writeSync(1, `again ${again}\n`)
  }
} catch (error) {
  writeSync(1, `error ${codeOf(error)}\n`)
}
