export {
  EXPORT_FORMAT,
  type ExportedModel,
  type ExportOrigin,
  ofSafetensors,
  toSafetensors,
} from './export/safetensors.ts'
export { buildHydraGptData, hydraGptData } from './hydraGpt/built.ts'
export { type CheckpointManifest, readCheckpoint, type ShippedCheckpoint } from './hydraGpt/checkpoint.ts'
export { type Corpus, corpusOf } from './hydraGpt/corpus.ts'
export { type Fact, readFacts } from './hydraGpt/facts.ts'
export {
  HYDRA_GPT_CONTEXT,
  HYDRA_GPT_VOCABULARY,
  type HydraGptTask,
  hydraGptTaskOf,
  loadHydraGptTask,
} from './hydraGpt/hydraGptTask.ts'
export { normalisedQuestion, type Pair } from './hydraGpt/pair.ts'
export { readWordnetFiles, wordnetPairs } from './hydraGpt/wordnet.ts'
export { formatOf, importData } from './importers/importData.ts'
export type {
  DataFormat,
  DataKind,
  Imported,
  ImportOptions,
  ImportProgress,
  ImportReport,
} from './importers/importer.ts'
export { type MnistTask, mnistTask } from './mnist.ts'
export { SHIPPED_FOLDER } from './shipped.ts'
