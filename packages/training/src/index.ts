export { aggregate, type ModelState } from './aggregate.ts'
export { type Assignment, assignUnit, type UnitId } from './assignment.ts'
export { type CheckJob, checkLight, checkUnit, type LightJob, type UnitClaim } from './check.ts'
export { IMAGE_FORMAT, type ImageDataset } from './data/images.ts'
export { DATASET_LIMITS } from './data/limits.ts'
export { TABLE_FORMAT, type TableDataset } from './data/table.ts'
export { type Stratum, TEXT_FORMAT, type TextDataset } from './data/text.ts'
export { type TextSample, textDataset } from './data/textBuilder.ts'
export { type Dataset, decodeDataset, encodeDataset, strataOf } from './dataset.ts'
export { runOneStep, runSteps, sealAgain, stateBytesAt, statesAt } from './disputes.ts'
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
export { decodePayload, encodePayload, maxPayloadBytes, payloadLeaves, type UnitPayload } from './payload.ts'
export { freshProbe, type ProbeSource, roundProbe } from './probes.ts'
export { type Samples, samplesOf } from './samples.ts'
export { type SealedUnit, type SealingJob, sealUnit } from './sealing.ts'
export { type OnStep, type StepsJob, segmentEnd } from './steps.ts'
export { assertTask } from './task.ts'
export {
  decodeState,
  encodeState,
  type StateHashes,
  segmentKeyOf,
  stateHashesOf,
  stateSizeOf,
  traceRootOf,
  type UnitState,
} from './trace.ts'
export { type TrainedUnit, trainUnit, type UnitJob } from './unit.ts'
