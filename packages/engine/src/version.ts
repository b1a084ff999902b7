import type { Hash } from '@hydraai/core'

/**
 * SHA-256 of `build/engine.wasm`: the version of the engine, which stands in genesis. `npm run build -w @hydraai/engine`
 * fails when the binary it made has another hash; `node packages/engine/scripts/build.ts --accept` writes the new one here.
 */
export const ENGINE_SHA256 = 'a1ace660d2d3c20323a39e128c0bb219e3d54a4e04a3c737c584c4c4a768c179' as Hash
