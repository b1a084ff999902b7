import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commitCodec } from '@hydraai/consensus'
import { concatBytes, encode, equalBytes } from '@hydraai/core'
import { blockCodec, genesisCodec } from '@hydraai/ledger'
import * as format from '../../../packages/cli/src/chainFile/format.ts'
import { readChainFile } from '../../../packages/cli/src/chainFile/readChainFile.ts'
import { encodeRecord, parseLog } from '../../../packages/storage/src/format/logFormat.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { sample } from './world.ts'

export function targets(): readonly Target[] {
  return [chainFile(), appendLog()]
}

/** A chain file that somebody else wrote: read from a real file, as it is in use. */
function chainFile(): Target {
  const folder = mkdtempSync(join(tmpdir(), 'hydra-fuzz-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'chain')
  return {
    name: 'chain-file',
    format: 'bytes',
    seeds: [chainBytes(0), chainBytes(2)],
    async run(input) {
      // Checksums keep a fuzzer out where they keep nobody out who can compute them.
      writeFileSync(file, withChecksums(input))
      try {
        const chain = await readChainFile(file)
        try {
          for await (const { height } of chain.blocks()) promise(height >= 1 && height <= chain.total, 'a wrong height')
        } finally {
          chain.close()
        }
        return true
      } catch (error) {
        return (
          unlessRefused<false>(() => {
            throw error
          }) ?? false
        )
      }
    },
  }
}

function chainBytes(count: number): Uint8Array {
  const { world } = sample()
  const genesis = encode(genesisCodec, world.genesis)
  const entries = world.blocks
    .slice(0, count)
    .map((block, i) =>
      format.entry(i + 1, encode(blockCodec, block), encode(commitCodec, world.blocks[i + 1]!.lastCommit!)),
    )
  return concatBytes(format.header(genesis, count), ...entries)
}

/** The file with whatever stands in the places of its checksums made right, as far as its lengths make sense. */
function withChecksums(input: Uint8Array): Uint8Array {
  const file = new Uint8Array(input)
  const view = new DataView(file.buffer)
  let at = format.PREFIX_BYTES
  if (file.length < at) return file
  at += view.getUint32(12)
  const { CHECKSUM_BYTES, LENGTHS_BYTES } = format
  if (at + CHECKSUM_BYTES > file.length) return file
  file.set(format.headerChecksum(file.subarray(0, at)), at)
  at += CHECKSUM_BYTES
  for (let height = 1; at + LENGTHS_BYTES <= file.length; height++) {
    const [blockBytes, commitBytes] = [view.getUint32(at), view.getUint32(at + 4)]
    const start = at + LENGTHS_BYTES
    const end = start + blockBytes + commitBytes
    if (end + CHECKSUM_BYTES > file.length) break
    const lengths = file.subarray(at, start)
    const block = file.subarray(start, start + blockBytes)
    file.set(format.entryChecksum(height, lengths, block, file.subarray(start + blockBytes, end)), end)
    at = end + CHECKSUM_BYTES
  }
  return file
}

/** A write-ahead log after a crash or a bad disk. */
function appendLog(): Target {
  const records = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(200).fill(9)]
  const log = concatBytes(...records.map((record, i) => encodeRecord(i, record)))
  return {
    name: 'append-log',
    format: 'bytes',
    seeds: [log, concatBytes(log, new Uint8Array(4_096)), log.slice(0, -1)],
    run(input) {
      const { records: read, validBytes, damage } = parseLog(input)
      const again = concatBytes(...read.map((record, i) => encodeRecord(i, record)))
      promise(equalBytes(again, input.subarray(0, validBytes)), 'records are not what stood in the log')
      return damage === null
    },
  }
}
