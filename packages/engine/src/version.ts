import type { Hash } from '@hydraai/core'

/**
 * SHA-256 of `build/engine.wasm`: the version of the engine, which stands in genesis. `npm run build -w @hydraai/engine`
 * fails when the binary it made has another hash; `node packages/engine/scripts/build.ts --accept` writes the new one here.
 */
export const ENGINE_SHA256 = '3ba0ded834950f3f641d5568c7553c04044abaf5bf6bde6da259a6d6737068eb' as Hash
