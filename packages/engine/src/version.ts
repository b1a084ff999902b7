import type { Hash } from '@hydraai/core'

/**
 * SHA-256 of `build/engine.wasm`: the version of the engine, which stands in genesis. `npm run build -w @hydraai/engine`
 * fails when the binary it made has another hash; `node packages/engine/scripts/build.ts --accept` writes the new one here.
 */
export const ENGINE_SHA256 = '25f931b6ac0804706a031382a198802532004555ad7ee1c54df3c33f03c5a332' as Hash
