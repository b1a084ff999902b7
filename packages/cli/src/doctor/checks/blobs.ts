import { type Hash, HydraError, ZERO_HASH } from '@hydraai/core'
import type { Chain } from '@hydraai/node'
import { BlobStore, type KeyValueStore } from '@hydraai/storage'
import type { Examination } from '../finding.ts'
import { messageOf } from './identity.ts'

/** Content by its hash: whatever is damaged can be had from any other node. */
export async function checkBlobs(examination: Examination, db: KeyValueStore, chain: Chain | undefined): Promise<void> {
  const { tell, progress, stop, repair } = examination
  const check = 'content'
  const store = new BlobStore(db)
  const ids: Hash[] = []
  const bad: Hash[] = []
  try {
    for await (const id of idsOf(db)) ids.push(id)
    let done = 0
    for (const id of ids) {
      if (stop.aborted) return
      if (!(await isWhole(store, id))) bad.push(id)
      progress(check, ++done, ids.length)
    }
    if (repair) for (const id of bad) await store.delete(id)
  } catch (error) {
    tell({ check, verdict: 'fail', text: messageOf(error), advice: 'Check the disk.' })
    return
  }
  if (bad.length > 0) {
    const text = `${bad.length} of ${ids.length} pieces are damaged: ${bad.map(id => id.slice(0, 16)).join(', ')}`
    const advice = 'With --repair they are deleted, and the node fetches them again. Check the disk.'
    tell({ check, verdict: 'fail', text, advice, ...(repair && { repaired: 'deleted; the node fetches them again' }) })
    return
  }
  const missing = chain ? await missingOf(store, chain) : 0
  const rest = missing === 0 ? '' : `; ${missing} that the models name are fetched when they are needed`
  tell({
    check,
    verdict: 'ok',
    text: `${ids.length} ${ids.length === 1 ? 'piece' : 'pieces'}, each as its hash says${rest}`,
  })
}

/** Damaged sizes too, which the store itself would stop at. */
async function* idsOf(db: KeyValueStore): AsyncIterable<Hash> {
  for (let gte = 'blob/'; ; ) {
    try {
      for await (const [key] of db.range({ gte, lt: 'blob0' })) {
        gte = `${key} `
        yield key.slice('blob/'.length) as Hash
      }
      return
    } catch (error) {
      const key = error instanceof HydraError ? error.details?.key : undefined
      if (typeof key !== 'string') throw error
      gte = `${key} `
      yield key.slice('blob/'.length) as Hash
    }
  }
}

async function isWhole(store: BlobStore, id: Hash): Promise<boolean> {
  try {
    return (await store.get(id)) !== undefined
  } catch (error) {
    if (error instanceof HydraError && error.code === 'BLOB_CORRUPT') return false
    throw error
  }
}

async function missingOf(store: BlobStore, { state }: Chain): Promise<number> {
  let missing = 0
  for (const { document, data, tokenizer, lineage, parameters, momentum } of state.models.values())
    for (const id of [document, data, tokenizer, lineage, parameters, momentum])
      if (id !== null && id !== ZERO_HASH && !(await store.has(id))) missing++
  return missing
}
