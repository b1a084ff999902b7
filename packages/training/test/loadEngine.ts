import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createEngine, type Engine } from '@hydraai/engine'

/** The built engine, for tests and scripts: the package itself is handed models and reads no files. */
export function loadEngine(): Engine {
  return createEngine(readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
}
