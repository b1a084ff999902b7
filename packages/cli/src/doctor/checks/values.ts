import { HydraError } from '@hydraai/core'
import type { KeyValueStore, WriteOperation } from '@hydraai/storage'
import type { Examination } from '../finding.ts'

/** Made from the blocks again when it is gone. */
const INDEX = { gte: 'ledger-index/', lt: 'ledger-index0' }
/** Judged by their hashes, further on. */
const BLOBS = /^blob(-chunk)?\//
const PER_BATCH = 1_000
const MAX_NAMED = 5

/** Every value in the database against its checksum. */
export async function checkValues(examination: Examination, db: KeyValueStore): Promise<void> {
  const { tell, progress, stop, last, repair } = examination
  if (last !== Number.POSITIVE_INFINITY) {
    tell({ check: 'values', verdict: 'skip', text: 'not with --quick' })
    return
  }
  const bad: string[] = []
  let count = 0
  for (let gte = ' '; !stop.aborted; ) {
    try {
      for await (const [key] of db.range({ gte })) {
        if (stop.aborted) return
        count++
        progress('values', count, 0)
        gte = key
      }
      break
    } catch (error) {
      const key = error instanceof HydraError ? error.details?.key : undefined
      if (typeof key !== 'string') {
        const advice = error instanceof HydraError ? error.advice : undefined
        tell({ check: 'values', verdict: 'fail', text: String(error), ...(advice && { advice }) })
        return
      }
      bad.push(key)
      // The next key that there can be.
      gte = `${key} `
    }
  }
  const lost = bad.filter(key => !BLOBS.test(key))
  if (lost.length === 0) {
    tell({ check: 'values', verdict: 'ok', text: `${count}, each with its checksum` })
    return
  }
  const rebuilt = lost.every(key => key.startsWith(INDEX.gte))
  if (repair && rebuilt) await clear(db)
  const named = lost.slice(0, MAX_NAMED).join(', ')
  tell({
    check: 'values',
    verdict: 'fail',
    text: `${lost.length} of ${count + bad.length} are damaged: ${named}${lost.length > MAX_NAMED ? ' …' : ''}`,
    advice: rebuilt
      ? 'They belong to an index: with --repair the next start makes it again from the blocks. Check the disk.'
      : 'Move the store folder away (keep the wallet) and start again: the node fetches the chain from its peers. Check the disk.',
    ...(repair && rebuilt && { repaired: 'the next start makes the index again from the blocks' }),
  })
}

async function clear(db: KeyValueStore): Promise<void> {
  for (;;) {
    const operations: WriteOperation[] = []
    for await (const key of keysOf(db)) {
      operations.push({ type: 'del', key })
      if (operations.length === PER_BATCH) break
    }
    if (operations.length === 0) return
    await db.batch(operations, { sync: true })
  }
}

/** The keys of the index, those of damaged values too. */
async function* keysOf(db: KeyValueStore): AsyncIterable<string> {
  for (let { gte } = INDEX; ; ) {
    try {
      for await (const [key] of db.range({ ...INDEX, gte })) {
        yield key
        gte = `${key} `
      }
      return
    } catch (error) {
      const key = error instanceof HydraError ? error.details?.key : undefined
      if (typeof key !== 'string') throw error
      yield key
      gte = `${key} `
    }
  }
}
