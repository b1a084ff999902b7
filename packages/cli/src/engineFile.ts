import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { HydraError } from '@hydraai/core'

/** The engine's WebAssembly module as the build left it. Throws ENGINE_NOT_BUILT. */
export async function readEngine(): Promise<Uint8Array> {
  const path = fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new HydraError('ENGINE_NOT_BUILT', 'The engine has not been built.', {
      advice: 'Run `npm run build`.',
      cause,
    })
  }
}
