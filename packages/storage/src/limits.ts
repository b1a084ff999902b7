import { HydraError } from '@hydraai/core'
import type { WriteOperation } from './ports.ts'

export const MAX_KEY_BYTES = 512
export const MAX_VALUE_BYTES = 64 * 1024 * 1024
/** The largest record of an append log. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024
/** The largest append log; a log is read whole. */
export const MAX_LOG_BYTES = 256 * 1024 * 1024

const KEY = /^[\x20-\x7e]{1,512}$/
const LOG_NAME = /^[a-z0-9-]{1,64}$/

/** Throws KEY_INVALID unless `key` is 1 to 512 printable ASCII characters. */
export function checkKey(key: string): void {
  if (KEY.test(key)) return
  throw new HydraError('KEY_INVALID', `A storage key has to be 1 to ${MAX_KEY_BYTES} printable ASCII characters.`, {
    details: { key: key.slice(0, 80), length: key.length },
  })
}

/** Throws KEY_INVALID or VALUE_TOO_LARGE if a batch holds what no store takes. */
export function checkOperations(operations: readonly WriteOperation[]): void {
  for (const operation of operations) {
    checkKey(operation.key)
    if (operation.type === 'put' && operation.value.length > MAX_VALUE_BYTES) {
      throw new HydraError(
        'VALUE_TOO_LARGE',
        `The value of ${operation.key} has ${operation.value.length} bytes; a store takes at most ${MAX_VALUE_BYTES}.`,
        { advice: 'Keep large content as a blob: it is stored in chunks.' },
      )
    }
  }
}

/** Throws LOG_NAME_INVALID unless `name` is fit to be a file's name on every system. */
export function checkLogName(name: string): void {
  if (LOG_NAME.test(name)) return
  throw new HydraError(
    'LOG_NAME_INVALID',
    `"${name.slice(0, 80)}" is no name for a log: use 1 to 64 of a-z, 0-9 and -.`,
  )
}

/** Throws RECORD_TOO_LARGE if `record` is larger than a log takes. */
export function checkRecord(record: Uint8Array): void {
  if (record.length <= MAX_RECORD_BYTES) return
  throw new HydraError(
    'RECORD_TOO_LARGE',
    `A log record has ${record.length} bytes; a log takes at most ${MAX_RECORD_BYTES}.`,
  )
}
