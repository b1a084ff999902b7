// A process of its own that writes to a folder until it is killed or fails: `node writer.ts FOLDER`. It prints
// `ok HEIGHT` once block HEIGHT, its signer's record and its log record are durable, and at a failure `error CODE`.
import { writeSync } from 'node:fs'
import { HydraError } from '@hydraai/core'
import { openDiskStorage } from '../disk/openDiskStorage.ts'
import { BlockStore } from '../stores/blockStore.ts'
import { SignerStore } from '../stores/signerStore.ts'
import { blockOf, signerRecordOf } from './sampleBlocks.ts'

try {
  const storage = await openDiskStorage(process.argv[2]!)
  const blocks = new BlockStore(storage.db)
  const signer = new SignerStore(storage.db)
  const log = await storage.openLog('wal')
  writeSync(1, `open ${(await blocks.latestHeight()) ?? 0}\n`)
  for (let height = ((await blocks.latestHeight()) ?? 0) + 1; ; height++) {
    const block = blockOf(height)
    await log.append(block.commit)
    await signer.save(signerRecordOf(height))
    await blocks.append(block)
    writeSync(1, `ok ${height}\n`)
  }
} catch (error) {
  writeSync(1, `error ${error instanceof HydraError ? error.code : error}\n`)
}
