import { HydraError } from '@hydraai/core'

/** The store or log was closed, by its owner or by a crash of the simulated disk. */
export function closedError(what: string): HydraError {
  return new HydraError('STORAGE_CLOSED', `The ${what} is closed.`, { advice: 'Open the storage again.' })
}

/** Another process, or another part of this one, has the folder open. */
export function lockedError(where: string, cause?: unknown): HydraError {
  return new HydraError('STORAGE_LOCKED', `The folder ${where} is in use by another running node.`, {
    advice: 'Stop the other node, or give this one its own folder with --data-dir.',
    cause,
  })
}

/** The disk has no room for what was to be written. */
export function fullError(where: string, cause?: unknown): HydraError {
  return new HydraError('STORAGE_FULL', `There is no room left on the disk for ${where}.`, {
    advice: 'Free some space, then start the node again. Everything it had confirmed is still stored.',
    cause,
  })
}

/** Stored bytes are not what was written. `details.key` names the value, where it is one. */
export function corruptError(where: string, why: string, cause?: unknown, details?: { key: string }): HydraError {
  return new HydraError('STORAGE_CORRUPT', `The database in ${where} is damaged: ${why}.`, {
    advice:
      'Nothing was changed. Move the folder away (keep the wallet) and start again: the node fetches the chain from ' +
      'its peers. Check the disk for errors if this comes back.',
    cause,
    ...(details && { details }),
  })
}

/** A record of a log is not what was written. */
export function logCorruptError(where: string, offset: number, why: string): HydraError {
  return new HydraError('LOG_CORRUPT', `The log ${where} is damaged at byte ${offset}: ${why}.`, {
    advice:
      'Nothing was changed. Move the file away and start again: the chain is kept in the database and is not touched. ' +
      'Check the disk for errors if this comes back.',
    details: { offset },
  })
}

/** The log has reached its largest size and was not reset. */
export function logTooLargeError(where: string, limit: number): HydraError {
  return new HydraError('LOG_TOO_LARGE', `The log ${where} would grow over ${limit} bytes.`, {
    advice: 'Reset the log once what it protects is stored elsewhere.',
  })
}
