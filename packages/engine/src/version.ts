import type { Hash } from '@hydraai/core'

/**
 * SHA-256 of `build/engine.wasm`: the version of the engine, which stands in genesis. `npm run build -w @hydraai/engine`
 * fails when the binary it made has another hash; `node packages/engine/scripts/build.ts --accept` writes the new one here.
 */
export const ENGINE_SHA256 = 'c81651436161120f476184c36b5c0684563366be970ae828ced1c8e9c7cf0b4a' as Hash
