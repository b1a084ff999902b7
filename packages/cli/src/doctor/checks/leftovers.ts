import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Examination } from '../finding.ts'

/** What this program writes beside a file before it moves it into place. */
const UNFINISHED = /\.(partial|new|tmp)$/

/** What a command or a node that was killed has left: harmless, and in nobody's use once no node runs here. */
export async function checkLeftovers(examination: Examination, note: 'silent' | 'none'): Promise<void> {
  const { folder, tell, repair } = examination
  const names = (await readdir(folder.path, { withFileTypes: true }))
    .filter(entry => entry.isFile() && UNFINISHED.test(entry.name))
    .map(entry => entry.name)
  const paths = names.map(name => join(folder.path, name))
  if (note === 'silent') paths.push(folder.apiFile)
  if (paths.length === 0) {
    tell({ check: 'leftovers', verdict: 'ok', text: 'none' })
    return
  }
  if (repair) for (const path of paths) await rm(path, { force: true })
  const text = `left by a process that was killed: ${paths.join(', ')}`
  const advice = 'They do no harm; --repair deletes them.'
  tell({ check: 'leftovers', verdict: 'warn', text, advice, ...(repair && { repaired: 'deleted' }) })
}
