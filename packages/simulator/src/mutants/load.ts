/** Given to Node with --import: patches the sources of the mutant named in HYDRA_MUTANT while they are loaded. */
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MUTANTS } from './list.ts'
import { applyPatches } from './patch.ts'

const name = process.env.HYDRA_MUTANT
if (name !== undefined) {
  const mutant = MUTANTS.find(one => one.name === name)
  if (mutant === undefined) throw new Error(`there is no mutant ${JSON.stringify(name)}`)
  const root = new URL('../../../../', import.meta.url)
  const patches = new Map<string, { find: string; replace: string }[]>()
  for (const { file, find, replace } of mutant.patches) {
    const url = pathToFileURL(fileURLToPath(new URL(file, root))).href
    patches.set(url, [...(patches.get(url) ?? []), { find, replace }])
  }
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const wanted = patches.get(url)
      if (wanted === undefined) return loaded
      patches.delete(url)
      return { ...loaded, source: applyPatches(url, String(sourceOf(loaded.source)), wanted) }
    },
  })
  process.on('exit', () => {
    // A mutant whose file is never loaded would be the original, and "caught" would mean nothing.
    if (patches.size === 0) return
    console.error(`mutant ${name}: never loaded ${[...patches.keys()].join(', ')}`)
    process.exitCode = 3
  })
}

function sourceOf(source: string | ArrayBuffer | NodeJS.TypedArray | null | undefined): string {
  if (typeof source === 'string') return source
  if (source === null || source === undefined) throw new Error('a source file without its text')
  return Buffer.from(source as Uint8Array).toString('utf8')
}
