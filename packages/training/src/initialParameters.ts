import type { Hash } from '@hydraai/core'
import type { Engine, ModelDocument } from '@hydraai/engine'

/** The parameters `[parameterCount]` a model begins with, drawn by the engine from `seed`. */
export function initialParameters(engine: Engine, document: ModelDocument, seed: Hash): Float32Array {
  const model = engine.compile(document, 1)
  try {
    model.initialise(seed)
    return model.getParameters()
  } finally {
    model.dispose()
  }
}
