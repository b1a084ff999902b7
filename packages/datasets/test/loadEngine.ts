import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createEngine, type Engine } from '@hydraai/engine'

export function loadEngine(): Engine {
  return createEngine(readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
}
