import { decode, encode, nullable, text } from '@hydraai/core'
import type { KeyValueStore } from '@hydraai/storage'

const KEY = 'training/only'
const codec = nullable(text({ maxBytes: 32 }))

/** The one model that this node trains, as it was last set; null for all. */
export async function readOnly(db: KeyValueStore): Promise<string | null> {
  const bytes = await db.get(KEY)
  return bytes ? decode(codec, bytes) : null
}

/** Remembers it through restarts. */
export async function writeOnly(db: KeyValueStore, model: string | null): Promise<void> {
  await db.batch([{ type: 'put', key: KEY, value: encode(codec, model) }], { sync: true })
}
