import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoragePlace } from '../conformance.ts'
import { openDiskStorage } from '../disk/openDiskStorage.ts'

/** A new folder of its own for one test. */
export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'hydra-storage-'))
}

/** A real folder; a crash is what a killed process leaves: the files as they are at that moment. */
export async function diskPlace(): Promise<StoragePlace> {
  const root = await temporaryFolder()
  let life = 0
  const folder = () => join(root, String(life))
  return {
    open: () => openDiskStorage(folder()),
    async crash(storage) {
      await cp(folder(), join(root, String(life + 1)), { recursive: true })
      await storage.close()
      life++
    },
    async damageValue(_, value) {
      const db = join(folder(), 'db')
      for (const name of await readdir(db)) {
        const bytes = await readFile(join(db, name))
        const at = bytes.indexOf(value)
        if (at < 0) continue
        bytes[at + 5]! ^= 4
        await writeFile(join(db, name), bytes)
      }
    },
    async changeLog(name, change) {
      const path = join(folder(), 'logs', `${name}.log`)
      await writeFile(path, change(await readFile(path)))
    },
    dispose: () => rm(root, { recursive: true }),
  }
}
