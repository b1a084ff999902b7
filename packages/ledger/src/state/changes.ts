import { entriesOf } from './entries.ts'
import type { LedgerState } from './types.ts'

/** A line of the state as a store keeps it: under its key, the bytes that stand under the state root. */
export interface StoredEntry {
  readonly key: string
  readonly value: Uint8Array
}

/** What a store that holds the entries of one state must do to hold those of another. */
export interface EntryChanges {
  readonly put: readonly StoredEntry[]
  /** Keys. */
  readonly del: readonly string[]
}

/** From `before` (null: from nothing) to `after`, both in order of keys. Cheap when one came from the other. */
export function changedEntries(before: LedgerState | null, after: LedgerState): EntryChanges {
  const old = before === null ? [] : entriesOf(before)
  const put: StoredEntry[] = []
  const del: string[] = []
  let at = 0
  for (const entry of entriesOf(after)) {
    for (; at < old.length && old[at] !== entry && old[at]!.key < entry.key; at++) del.push(old[at]!.key)
    if (old[at] === entry) at++
    else {
      if (old[at]?.key === entry.key) at++
      put.push({ key: entry.key, value: entry.bytes })
    }
  }
  for (; at < old.length; at++) del.push(old[at]!.key)
  return { put, del }
}
