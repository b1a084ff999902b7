import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The engine as the build left it. */
export const engineWasm: Uint8Array = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
