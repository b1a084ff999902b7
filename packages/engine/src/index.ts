export {
  documentHash,
  type Layer,
  type LossName,
  type ModelDocument,
  modelDocumentCodec,
  modelDocumentOfBytes,
  modelDocumentToBytes,
} from './document.ts'
export { createEngine, type Engine, MAX_BATCH } from './engine.ts'
export type { Model, ModelEvaluation, Samples, Targets } from './model.ts'
export type { OptimizerSpec, Schedule } from './optimizer.ts'
export { type ParameterTensor, parameterCount, parameterLayout } from './shapes.ts'
export { assertFinite, parametersOfBytes, parametersToBytes } from './vectors.ts'
export { ENGINE_SHA256 } from './version.ts'
