import { constants } from 'node:fs'
import { copyFile, type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HydraError } from '@hydraai/core'

/** More than any wallet, genesis or network file; each format has its own, smaller bound. */
const MAX_SMALL_FILE_BYTES = 1_048_576

/** The text of a small file. Throws FILE_MISSING, FILE_TOO_LARGE, FILE_DENIED, FILE_FAILED. */
export async function readSmallFile(path: string): Promise<string> {
  try {
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      if (size > MAX_SMALL_FILE_BYTES)
        throw new HydraError('FILE_TOO_LARGE', `${path} has ${size} bytes: it is something else.`)
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileError(path, error)
  }
}

/** Whether anything, a dangling link included, stands at `path`. */
export async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw fileError(path, error)
  }
}

/** Refuses before anything is asked or computed. Throws FILE_EXISTS. */
export async function refuseTaken(path: string): Promise<void> {
  if (await isTaken(path)) throw existsError(path)
}

/**
 * Makes a new file out of what `write` puts into it. The file is there whole or not at all, and nothing that stands at
 * `path` is ever replaced. Throws FILE_EXISTS, FILE_FULL, FILE_DENIED, FILE_FAILED.
 */
export async function writeNewFile(
  path: string,
  mode: number,
  write: (file: FileHandle) => Promise<unknown>,
): Promise<void> {
  await refuseTaken(path)
  const beside = besideOf(path)
  try {
    await writeAndSync(beside, mode, write)
    await linkNew(beside, path)
  } catch (error) {
    throw fileError(path, error)
  } finally {
    await rm(beside, { force: true })
  }
  await syncFolder(path)
}

/** Puts `text` in the place of the file at `path`: a reader sees the old content or the new, never half of it. */
export async function replaceFile(path: string, mode: number, text: string): Promise<void> {
  const beside = besideOf(path)
  try {
    await writeAndSync(beside, mode, file => file.writeFile(text))
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw fileError(path, error)
  }
  await syncFolder(path)
}

function besideOf(path: string): string {
  return `${path}.${process.pid}.partial`
}

async function writeAndSync(path: string, mode: number, write: (file: FileHandle) => Promise<unknown>): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.chmod(mode)
    await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A hard link never replaces; where the file system has none, an exclusive copy does not either. */
export async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    await copyFile(from, to, constants.COPYFILE_EXCL)
  }
}

/** The new name itself is durable only with its folder. Not every system lets a folder be opened. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
  } catch {
    // The content is on disk all the same.
  }
}

function existsError(path: string): HydraError {
  return new HydraError('FILE_EXISTS', `${path} is there already and is not overwritten.`, {
    advice: 'Give another name, or move that file away first.',
  })
}

const SENTENCES: Readonly<Record<string, readonly [code: string, problem: string, advice: string]>> = {
  ENOENT: ['FILE_MISSING', 'is not there', 'Check the path; folders on the way must exist.'],
  ENOTDIR: ['FILE_MISSING', 'is not there: a part of its path is a file', 'Check the path.'],
  EISDIR: ['FILE_FAILED', 'is a folder', 'Give the path of a file.'],
  EACCES: ['FILE_DENIED', 'may not be read or written by you', 'Check who owns it and its folder.'],
  EPERM: ['FILE_DENIED', 'may not be read or written by you', 'Check who owns it and its folder.'],
  EROFS: ['FILE_DENIED', 'lies on a disk that cannot be written', 'Give another path.'],
  ENOSPC: ['FILE_FULL', 'cannot be written: the disk is full', 'Free some space and try again; nothing was changed.'],
  EDQUOT: ['FILE_FULL', 'cannot be written: your share of the disk is full', 'Free some space and try again.'],
}

/** A system's error about `path` as a sentence; errors that are sentences already pass. */
export function fileError(path: string, error: unknown): unknown {
  if (error instanceof HydraError) return error
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'EEXIST') return existsError(path)
  const known = SENTENCES[code]
  if (!known)
    return code ? new HydraError('FILE_FAILED', `${path}: ${(error as Error).message}`, { cause: error }) : error
  return new HydraError(known[0], `${path} ${known[1]}.`, { advice: known[2], cause: error })
}
