export { aggregate, type ModelState } from './aggregate.ts'
export { type Assignment, assignUnit, type UnitId } from './assignment.ts'
export { IMAGE_FORMAT, type ImageDataset } from './data/images.ts'
export { DATASET_LIMITS } from './data/limits.ts'
export { TABLE_FORMAT, type TableDataset } from './data/table.ts'
export { type Stratum, TEXT_FORMAT, type TextDataset } from './data/text.ts'
export { type TextSample, textDataset } from './data/textBuilder.ts'
export { type Dataset, decodeDataset, encodeDataset, strataOf } from './dataset.ts'
export { type GptSizes, gptDocument } from './documents/gpt.ts'
export { GPT_SMALL_CONTEXT } from './documents/gptSmall.ts'
export {
  hydraGptDocument,
  hydraGptLineageRecipe,
  hydraGptRecipe,
  hydraGptRefiningRecipe,
} from './documents/hydraGpt.ts'
export { mnistCnn, mnistRecipe } from './documents/mnistCnn.ts'
export { type DatasetFacts, type Preset, type PresetName, presetFor, presets } from './documents/presets.ts'
export { type Task, tinyTask } from './documents/tinyTask.ts'
export { EVALUATION_BATCH, evaluateModel } from './evaluate.ts'
export { initialParameters } from './initialParameters.ts'
export { MNIST_TEST_COUNT, MNIST_TRAIN_COUNT, mnistDataset } from './mnist.ts'
export { replayKeyOf, traceLeaf, traceRootOf } from './proof.ts'
export { type Samples, samplesOf } from './samples.ts'
export { assertTask } from './task.ts'
export { type OnStep, runUnit, type TrainedUnit, trainUnit, type UnitJob, type UnitResult } from './unit.ts'
export { decodeUpdate, encodeUpdate, UPDATE_BLOCK, updateSizeOf } from './updateCodec.ts'
export { type Refutation, type UnitClaim, type Verdict, type VerificationJob, verifyUnit } from './verify.ts'
