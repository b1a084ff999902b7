import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentIdOf, type Hash, HydraError, isHash } from '@hydraai/core'
import { parametersOfBytes } from '@hydraai/engine'
import { SHIPPED_FOLDER } from '../shipped.ts'

/** The language model as it ships, and how it came about. */
export interface ShippedCheckpoint {
  readonly model: string
  /** Rounds behind it. */
  readonly version: number
  /** Engine on which it was trained. */
  readonly engine: Hash
  /** Encoding of its document. */
  readonly document: Uint8Array
  readonly tokenizer: Uint8Array
  readonly parameters: Float32Array
  /** The file that names every unit behind it; `npm run lineage` makes it again. */
  readonly lineage: Uint8Array
}

/** The checkpoint in `folder`, each file checked against the manifest. @throws HydraError CHECKPOINT_INVALID */
export async function readCheckpoint(folder = SHIPPED_FOLDER): Promise<ShippedCheckpoint> {
  const manifest = parse(await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => ''), folder)
  const read = async (what: 'document' | 'tokenizer' | 'parameters' | 'lineage'): Promise<Uint8Array> => {
    const bytes = await readFile(join(folder, manifest.files[what])).catch(cause => {
      throw invalid(folder, `${manifest.files[what]} cannot be read`, cause)
    })
    if (contentIdOf(bytes) !== manifest.content[what]) throw invalid(folder, `${manifest.files[what]} was changed`)
    return new Uint8Array(bytes)
  }
  const { model, version, engine } = manifest
  const [document, tokenizer, parameters, lineage] = await Promise.all([
    read('document'),
    read('tokenizer'),
    read('parameters'),
    read('lineage'),
  ])
  return { model, version, engine, document, tokenizer, parameters: parametersOfBytes(parameters), lineage }
}

type Part = 'document' | 'tokenizer' | 'parameters' | 'lineage'

/** `manifest.json` of a checkpoint. Parameters are float32, little-endian. */
export interface CheckpointManifest {
  readonly format: 'hydra-checkpoint/1'
  readonly model: string
  readonly version: number
  readonly engine: Hash
  readonly files: Readonly<Record<Part, string>>
  /** Content ids. */
  readonly content: Readonly<Record<Part, Hash>>
}

function parse(text: string, folder: string): CheckpointManifest {
  let manifest: CheckpointManifest
  try {
    manifest = JSON.parse(text)
  } catch (cause) {
    throw invalid(folder, 'manifest.json is missing or is not JSON', cause)
  }
  const parts = ['document', 'tokenizer', 'parameters', 'lineage'] as const
  const whole =
    manifest?.format === 'hydra-checkpoint/1' &&
    Number.isSafeInteger(manifest.version) &&
    parts.every(part => /^[\w.-]+$/.test(manifest.files?.[part] ?? '') && isHash(manifest.content?.[part] ?? ''))
  if (!whole) throw invalid(folder, 'manifest.json is not that of a checkpoint')
  return manifest
}

function invalid(folder: string, what: string, cause?: unknown): HydraError {
  return new HydraError('CHECKPOINT_INVALID', `The checkpoint in ${folder} cannot be used: ${what}.`, {
    advice: 'Restore the folder from the release.',
    cause,
  })
}
