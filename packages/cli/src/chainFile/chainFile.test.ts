import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { link, readdir, rename, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, encode, HydraError, keyPairFromSeed, MICRO, utf8 } from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { DEFAULT_PARAMETERS, type Genesis, genesisCodec } from '@hydraai/ledger'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { entry, header } from './format.ts'
import { readChainFile } from './readChainFile.ts'
import { ChainFileWriter, partialOf } from './writeChainFile.ts'

const genesis: Genesis = {
  format: 'hydra-genesis/1',
  chainId: 'hydra-0000000a',
  time: 1_700_000_000_000,
  engine: ENGINE_SHA256,
  parameters: DEFAULT_PARAMETERS,
  validators: [{ name: 'alice', publicKey: keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey, stake: 10n * MICRO }],
  models: [],
}
const genesisBytes = encode(genesisCodec, genesis)
const folder = mkdtempSync(join(tmpdir(), 'hydra-chain-file-'))
const file = join(folder, 'chain.dat')
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => {
  for (const path of [file, partialOf(file)]) rmSync(path, { force: true })
})

const blockOf = (height: number) => utf8(`block ${height} ${'x'.repeat(height % 7)}`)
const commitOf = (height: number) => utf8(`commit ${height}`)
const BLOCKS = 6

/** The file, and where the entry of each height begins. */
function wholeFile(): { bytes: Uint8Array; starts: number[] } {
  const parts = [header(genesisBytes, BLOCKS)]
  const starts = [0]
  let length = parts[0]!.length
  for (let height = 1; height <= BLOCKS; height++) {
    starts.push(length)
    const bytes = entry(height, blockOf(height), commitOf(height))
    parts.push(bytes)
    length += bytes.length
  }
  return { bytes: concatBytes(...parts), starts }
}

const { bytes: whole, starts } = wholeFile()

/** What reading all of `bytes` comes to: the first bad height, 'header', or 'whole'. */
async function verdictOn(bytes: Uint8Array): Promise<number | 'header' | 'whole'> {
  writeFileSync(file, bytes)
  try {
    const source = await readChainFile(file)
    let height = 0
    for await (const read of source.blocks()) {
      height++
      // What is handed on is what was written, whatever was altered behind it.
      expect(read).toEqual({ height, block: blockOf(height), commit: commitOf(height) })
    }
    return 'whole'
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
    if (error.code === 'CHAIN_FILE_INVALID') return 'header'
    expect(error.code).toBe('CHAIN_FILE_DAMAGED')
    return error.details!.height as number
  }
}

/** The height whose entry holds the byte at `offset`; 'header' before the first. */
function placeOf(offset: number): number | 'header' {
  const height = starts.findLastIndex(start => start <= offset)
  return height === 0 ? 'header' : height
}

describe('a chain file', () => {
  test('is read as it was written', async () => {
    expect(await verdictOn(whole)).toBe('whole')
  })

  test('with a bit changed, at any byte, is named at the height where it was changed', async () => {
    // Every byte once, each with a bit that varies; the property below takes any bit of any byte.
    for (let offset = 0; offset < whole.length; offset++) {
      const altered = new Uint8Array(whole)
      altered[offset]! ^= 1 << (offset % 8)
      expect(await verdictOn(altered), `byte ${offset}`).toBe(placeOf(offset))
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (offset, bit) => {
        const altered = new Uint8Array(whole)
        altered[offset]! ^= 1 << bit
        expect(await verdictOn(altered)).toBe(placeOf(offset))
      }),
      { numRuns: 200 },
    )
  }, 30_000)

  test('cut at any byte is named at the first height that is not whole', async () => {
    for (let length = 0; length < whole.length; length++)
      expect(await verdictOn(whole.subarray(0, length)), `cut at ${length}`).toBe(placeOf(length))
  }, 30_000)

  test('that goes on after its blocks is named there', async () => {
    expect(await verdictOn(concatBytes(whole, Uint8Array.of(0)))).toBe(BLOCKS + 1)
  })

  test('whose entries changed places is named at the first that is not in its place', async () => {
    const at = (height: number) => whole.subarray(starts[height]!, starts[height + 1] ?? whole.length)
    const swapped = concatBytes(whole.subarray(0, starts[2]!), at(3), at(2), whole.subarray(starts[4]!))
    expect(await verdictOn(swapped)).toBe(2)
  })
})

async function exportUpTo(stopAfter: number, total = BLOCKS): Promise<ChainFileWriter> {
  const writer = await ChainFileWriter.open({ file, genesis: genesisBytes, total })
  while (writer.height < stopAfter) await writer.append(blockOf(writer.height + 1), commitOf(writer.height + 1))
  return writer
}

describe('writing one', () => {
  test('cut off after any block or any byte, it goes on to the same file, and has no final name before', async () => {
    for (const stopAfter of [0, 1, 4, BLOCKS]) {
      const writer = await exportUpTo(stopAfter)
      await writer.leave()
      expect(await readdir(folder)).toEqual(['chain.dat.partial'])
      const { size } = await stat(partialOf(file))
      truncateSync(partialOf(file), size - Math.min(9, stopAfter * 5))
      const next = await exportUpTo(BLOCKS)
      await next.finish(file)
      expect(next.bytes).toBe(whole.length)
      expect(Buffer.from(whole).equals(readFileSync(file))).toBe(true)
      expect(await readdir(folder)).toEqual(['chain.dat'])
      rmSync(file)
    }
  })

  test('it goes on when the chain has grown, and over bytes that a power cut has spoilt', async () => {
    await (await exportUpTo(3, 3)).leave()
    const bytes = readFileSync(partialOf(file))
    bytes.fill(0, starts[2]! + 5)
    writeFileSync(partialOf(file), bytes)
    const writer = await ChainFileWriter.open({ file, genesis: genesisBytes, total: BLOCKS })
    expect(writer.height).toBe(1)
    await writer.leave()
    await (await exportUpTo(BLOCKS)).finish(file)
    expect(Buffer.from(whole).equals(readFileSync(file))).toBe(true)
  })

  test('it touches neither a file that is not its own nor, ever, one that has its final name', async () => {
    writeFileSync(partialOf(file), 'what somebody else keeps here')
    await expect(exportUpTo(1)).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    expect(readFileSync(partialOf(file), 'utf8')).toBe('what somebody else keeps here')
    rmSync(partialOf(file))
    // Killed after the file had its name and before the other name was gone.
    await (await exportUpTo(BLOCKS)).finish(file)
    await link(file, partialOf(file))
    await rename(file, join(folder, 'kept.dat'))
    await (await exportUpTo(2, 2)).finish(file)
    expect(Buffer.from(whole).equals(readFileSync(join(folder, 'kept.dat')))).toBe(true)
    rmSync(join(folder, 'kept.dat'))
  })
})
