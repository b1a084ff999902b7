import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes the names in `folder` durable: a new file survives power loss only after this. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such call, and its file systems write names through.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes `text` to `path` so that after a crash the file is there whole or not at all. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}
