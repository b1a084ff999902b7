import type { Hash } from '@hydraai/core'

/**
 * SHA-256 of `build/engine.wasm`: the version of the engine, which stands in genesis. `npm run build -w @hydraai/engine`
 * fails when the binary it made has another hash; `node packages/engine/scripts/build.ts --accept` writes the new one here.
 */
export const ENGINE_SHA256 = '8e6e2c69e4c12969f86ddcbb980fe6eeb2cc27763fef5c643aeac3ee2e9dcba9' as Hash
