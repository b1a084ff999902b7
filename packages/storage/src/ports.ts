/** One write of an atomic batch. */
export type WriteOperation = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string }

/** The keys to visit: `gte <= key < lt`, upwards unless `reverse`, at most `limit` of them. */
export interface KeyRange {
  gte?: string
  lt?: string
  reverse?: boolean
  limit?: number
}

/**
 * An ordered map from text to bytes.
 *
 * Keys are 1 to 512 printable ASCII characters, so their order is the same in every implementation; values are at
 * most 64 MiB. Values handed in and out are copies: nobody shares memory with the store.
 *
 * Errors: KEY_INVALID, VALUE_TOO_LARGE, STORAGE_CLOSED, STORAGE_CORRUPT (a stored value no longer has its checksum),
 * STORAGE_FULL, STORAGE_FAILED.
 */
export interface KeyValueStore {
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * All of `operations` or none of them, after a crash too. With `sync` the batch is durable when the promise
   * resolves; without it a crash may lose it, together with every batch after it that was not synced. After a batch
   * has failed, the store takes no more writes until it is opened again.
   */
  batch(operations: readonly WriteOperation[], options: { sync: boolean }): Promise<void>
  /** Visits the range as it was when the iteration began. */
  range(range: KeyRange): AsyncIterable<[key: string, value: Uint8Array]>
  close(): Promise<void>
}

/**
 * A write-ahead log of records.
 *
 * Errors: LOG_CORRUPT (a record in the file no longer has its checksum; the file is left as it is), RECORD_TOO_LARGE,
 * LOG_TOO_LARGE, STORAGE_CLOSED, STORAGE_FULL, STORAGE_FAILED.
 */
export interface AppendLog {
  /**
   * Bytes of an unfinished last record that were cut off when the log was opened; 0 if it ended well. Such a record
   * was never acknowledged.
   */
  readonly tornBytes: number
  /** Durable when it resolves. Appends that wait together share one flush and keep their order. */
  append(record: Uint8Array): Promise<void>
  /** Every record of the log, oldest first. */
  read(): Promise<Uint8Array[]>
  /** Empties the log, durably. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** What a node keeps: one database, and logs by name (1 to 64 of `a-z 0-9 -`). */
export interface Storage {
  readonly db: KeyValueStore
  /** A log may be open once at a time. */
  openLog(name: string): Promise<AppendLog>
  /** Closes the database and every open log. */
  close(): Promise<void>
}
