export {
  documentHash,
  type Layer,
  type LossName,
  type ModelDocument,
  modelDocumentCodec,
  modelDocumentOfBytes,
  modelDocumentToBytes,
} from './document.ts'
export { createEngine, type Engine, type EngineOptions, MAX_BATCH } from './engine.ts'
export {
  type Generated,
  type GeneratedToken,
  type GenerationJob,
  generate,
  generateTokens,
} from './generation/generate.ts'
export type { Generator } from './generation/generator.ts'
export { checkSampling, type Sampling } from './generation/sampling.ts'
export type { Model, ModelEvaluation, Samples, Targets } from './model.ts'
export type { OptimizerSpec, OptimizerState, Schedule } from './optimizer.ts'
export { type ParameterTensor, parameterCount, parameterLayout } from './shapes.ts'
export { type Merge, type Tokenizer, tokenizerOf } from './text/tokenizer.ts'
export { tokenizerOfBytes, tokenizerToBytes } from './text/tokenizerCodec.ts'
export { TokenStream } from './text/tokenStream.ts'
export { ANSWER_TOKEN, END_TOKEN, FIRST_BYTE_TOKEN, FIRST_MERGE_TOKEN, MAX_VOCABULARY } from './text/tokens.ts'
export { trainTokenizer } from './text/train.ts'
export { type Crew, MAX_THREADS } from './threads/crew.ts'
export { assertFinite, parametersOfBytes, parametersToBytes } from './vectors.ts'
export { ENGINE_SHA256 } from './version.ts'
