import { mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { DataFolder } from '@hydraai/node'

/** Takes a damaged file out of the way, into `damaged/` of the data folder. Nothing is ever deleted that held data. */
export async function moveAside(folder: DataFolder, path: string): Promise<string> {
  const target = join(folder.path, 'damaged')
  await mkdir(target, { recursive: true, mode: 0o700 })
  const to = join(target, `${Date.now()}-${basename(path)}`)
  await rename(path, to)
  return to
}
