import { HydraError } from '@hydraai/core'
import { corruptError, fullError, lockedError } from '../errors.ts'

const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const DENIED_CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])
const FULL_TEXT = /No space left|Disk quota exceeded|File too large|disk full/i
const DENIED_TEXT = /Permission denied|Read-only file system|Operation not permitted/i

interface Failure {
  code?: unknown
  message?: unknown
  cause?: unknown
}

/** The error of a file operation under `where`, as what a person can act on. */
export function fileError(where: string, error: unknown): HydraError {
  if (error instanceof HydraError) return error
  const { code, message } = (error ?? {}) as Failure
  if (FULL_CODES.has(String(code))) return fullError(where, error)
  if (DENIED_CODES.has(String(code))) return deniedError(where, error)
  return failedError(where, String(message), error)
}

/** The error of a LevelDB operation on the database in `where`. LevelDB tells the reason in its message only. */
export function levelError(where: string, error: unknown): HydraError {
  if (error instanceof HydraError) return error
  const failure = (error ?? {}) as Failure
  if (failure.code === 'LEVEL_DATABASE_NOT_OPEN' && failure.cause !== undefined) return levelError(where, failure.cause)
  const code = String(failure.code)
  const message = String(failure.message)
  if (code === 'LEVEL_DATABASE_NOT_OPEN' || code === 'LEVEL_ITERATOR_NOT_OPEN') {
    return new HydraError('STORAGE_CLOSED', `The database in ${where} is closed.`, { cause: error })
  }
  if (code === 'LEVEL_LOCKED') return lockedError(where, error)
  if (FULL_TEXT.test(message)) return fullError(where, error)
  if (DENIED_TEXT.test(message)) return deniedError(where, error)
  // A table file that ends too early or points outside itself comes as an I/O error on that file.
  if (code === 'LEVEL_CORRUPTION' || /\.(ldb|sst): Invalid argument|No such file/.test(message)) {
    return corruptError(where, message.replace(/^(Corruption|IO error): /, ''), error)
  }
  return failedError(where, message, error)
}

function deniedError(where: string, cause: unknown): HydraError {
  return new HydraError('STORAGE_DENIED', `The system does not let this program write to ${where}.`, {
    advice: 'Check who owns the folder and its permissions, or choose another one with --data-dir.',
    cause,
  })
}

function failedError(where: string, message: string, cause: unknown): HydraError {
  return new HydraError('STORAGE_FAILED', `The disk could not carry out an operation on ${where}: ${message}.`, {
    advice: 'Check the disk for errors, then start the node again.',
    cause,
  })
}
