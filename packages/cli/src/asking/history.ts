import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const MAX_LINES = 500
const FILE = 'query-history'

/** Questions asked before, newest first as readline wants them. None when there is no such file. */
export async function readHistory(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(line => line !== '')
    .slice(-MAX_LINES)
    .reverse()
}

/** Keeps them for the next session, for their owner only. A folder that cannot be written to keeps none. */
export async function writeHistory(folder: string, newestFirst: readonly string[]): Promise<void> {
  const lines = newestFirst.slice(0, MAX_LINES).reverse()
  if (lines.length > 0) await writeFile(join(folder, FILE), `${lines.join('\n')}\n`, { mode: 0o600 }).catch(() => {})
}
