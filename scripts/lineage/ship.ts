// Puts a checkpoint where the program finds it: document, tokenizer, parameters and lineage, each named by its hash.
//
//     node scripts/lineage/ship.ts STORE LINEAGE [FOLDER]
//
// STORE is the folder `store` of a node that has the last parameters of the lineage and does not run now.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentIdOf, type Hash, HydraError } from '@hydraai/core'
import { type CheckpointManifest, SHIPPED_FOLDER } from '@hydraai/datasets'
import { BlobStore, openDiskStorage } from '@hydraai/storage'
import { readLineage } from './lineage.ts'

const [store, file, folder = SHIPPED_FOLDER] = process.argv.slice(2)
if (!store || !file) {
  console.error('usage: node scripts/lineage/ship.ts STORE LINEAGE [FOLDER]')
  process.exit(2)
}
const lineage = await readLineage(file)
const rounds = lineage.stages.flatMap(stage => stage.rounds)
const last = rounds.at(-1)
if (!last) throw new HydraError('LINEAGE_INVALID', `${file} has no round.`)

await mkdir(folder, { recursive: true })
const storage = await openDiskStorage(store)
try {
  const blobs = new BlobStore(storage.db)
  const put = async (name: string, id: Hash): Promise<Hash> => {
    const bytes = await blobs.get(id)
    if (!bytes) throw new HydraError('CONTENT_UNAVAILABLE', `${store} does not hold ${id}.`)
    await writeFile(join(folder, name), bytes)
    return id
  }
  const files = {
    document: 'document.cbor',
    tokenizer: 'tokenizer.cbor',
    parameters: 'parameters.f32',
    lineage: 'lineage.json',
  }
  await copyFile(file, join(folder, files.lineage))
  const manifest: CheckpointManifest = {
    format: 'hydra-checkpoint/1',
    model: lineage.model,
    version: rounds.length,
    engine: lineage.engine,
    files,
    content: {
      document: await put(files.document, lineage.document),
      tokenizer: await put(files.tokenizer, lineage.tokenizer),
      parameters: await put(files.parameters, last.parameters),
      lineage: contentIdOf(await readFile(file)),
    },
  }
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  console.log(`${folder}: ${lineage.model}, version ${manifest.version}, ${last.parameters}`)
} finally {
  await storage.close()
}
