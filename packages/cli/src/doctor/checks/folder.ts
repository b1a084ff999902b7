import { constants } from 'node:fs'
import { access, chmod, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { isTaken } from '../../files.ts'
import type { Examination } from '../finding.ts'

/** What nobody but the owner may read. */
const SECRETS = ['wallet.json', 'peer.key', 'api-token']
const OTHERS = 0o077
const MIB = 1024 * 1024
/** A few hours of a small network's blocks and models. */
const LITTLE_SPACE = 2048 * MIB
const NO_SPACE = 128 * MIB

/** Whether there is a folder to look into at all. False ends the examination. */
export async function checkFolder({ folder, tell, repair }: Examination): Promise<boolean> {
  const { path } = folder
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isDirectory()) {
    const text = found ? `${path} is no folder` : `there is no folder ${path}`
    tell({
      check: 'folder',
      verdict: 'fail',
      text,
      advice: 'Name the node with --user, or its folder with --data-dir.',
    })
    return false
  }
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    const advice = 'Give the folder, and all in it, to the user that the node runs as.'
    tell({ check: 'folder', verdict: 'fail', text: `${path} cannot be written by this user`, advice })
    return false
  }
  const open: string[] = []
  for (const name of SECRETS) {
    const mode = (await stat(join(path, name)).catch(() => null))?.mode ?? 0
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) open.push(name)
  }
  if (open.length === 0) tell({ check: 'folder', verdict: 'ok', text: path })
  else {
    if (repair) for (const name of open) await chmod(join(path, name), 0o600)
    const text = `other users of this machine may read ${open.join(' and ')}`
    const advice = `chmod 600 ${open.map(name => join(path, name)).join(' ')}`
    tell({ check: 'folder', verdict: 'warn', text, advice, ...(repair && { repaired: 'they are private now' }) })
  }
  return true
}

export async function checkSpace({ folder, tell }: Examination): Promise<void> {
  const { bavail, bsize } = await statfs(folder.path)
  const free = bavail * bsize
  const text = `${free < 10_240 * MIB ? `${Math.floor(free / MIB)} MiB` : `${Math.floor(free / MIB / 1024)} GiB`} free`
  const advice = 'Free some space, or move the folder to a larger disk and name it with --data-dir.'
  if (free < NO_SPACE) tell({ check: 'space', verdict: 'fail', text: `only ${text}: a node stops here`, advice })
  else if (free < LITTLE_SPACE) tell({ check: 'space', verdict: 'warn', text: `only ${text}`, advice })
  else tell({ check: 'space', verdict: 'ok', text })
}

/** Whether a node runs in the folder, as far as it says so itself. */
export async function noteOfNode({ folder }: Examination): Promise<'answers' | 'silent' | 'none'> {
  const api = await folder.api()
  if (api === undefined) return (await isTaken(folder.apiFile)) ? 'silent' : 'none'
  try {
    const response = await fetch(`${api.url}/api/status`, { signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.ok ? 'answers' : 'silent'
  } catch {
    return 'silent'
  }
}
