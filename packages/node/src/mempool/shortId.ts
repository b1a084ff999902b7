import { concatBytes, fromHex, type Hash, toHex } from '@hydraai/core'

/** Enough of an id to tell waiting transactions apart; to find a second one with the same takes 2^64 tries. */
export const SHORT_ID_BYTES = 8

export function shortId(id: Hash): string {
  return id.slice(0, 2 * SHORT_ID_BYTES)
}

/** Short ids one after the other. */
export function packShortIds(ids: readonly Hash[]): Uint8Array {
  return concatBytes(...ids.map(id => fromHex(shortId(id))))
}

export function unpackShortIds(bytes: Uint8Array): Set<string> {
  const ids = new Set<string>()
  for (let at = 0; at + SHORT_ID_BYTES <= bytes.length; at += SHORT_ID_BYTES)
    ids.add(toHex(bytes.subarray(at, at + SHORT_ID_BYTES)))
  return ids
}
