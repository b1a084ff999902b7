import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HydraError } from '@hydraai/core'

const FILE = 'api-token'
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * The token that lets a page or a script spend, stake and pause: 32 random bytes as base64url, in `dataDir/api-token`,
 * readable by its owner only. Made at the first start. @throws HydraError TOKEN_FILE_INVALID, or what the disk refuses with
 */
export async function loadOrCreateToken(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE)
  await mkdir(dataDir, { recursive: true })
  const fresh = randomBytes(32).toString('base64url')
  try {
    await writeFile(path, `${fresh}\n`, { mode: 0o600, flag: 'wx' })
    return fresh
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const token = (await readFile(path, 'utf8')).trim()
  if (!TOKEN.test(token))
    throw new HydraError('TOKEN_FILE_INVALID', `${path} holds no token.`, {
      advice: 'Delete the file: a new token is made at the next start.',
    })
  await chmod(path, 0o600)
  return token
}

/** Whether an `Authorization` header carries the token. Takes the same time wherever the two differ. */
export function hasToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
