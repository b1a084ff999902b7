import { type Evaluation, type Findings, type Hash, HydraError } from '@hydraai/core'
import {
  type Crew,
  createEngine,
  type Engine,
  type Model,
  type ModelDocument,
  modelDocumentOfBytes,
  parameterCount,
  parametersOfBytes,
  parametersToBytes,
} from '@hydraai/engine'
import type { RulingAnswer } from '@hydraai/ledger'
import {
  aggregate,
  checkLight,
  checkUnit,
  type Dataset,
  decodeDataset,
  EVALUATION_BATCH,
  evaluateModel,
  freshProbe,
  IMAGE_FORMAT,
  type OnStep,
  roundProbe,
  samplesOf,
  stateBytesAt,
  statesAt,
  strataOf,
  type TrainedUnit,
  trainUnit,
} from '@hydraai/training'
import type {
  AggregateJob,
  CheckJob,
  EvaluateJob,
  FoundJob,
  FoundResult,
  ModelInputs,
  NextState,
  Predictions,
  PredictJob,
  ReadJob,
  RulingJob,
  TrainJob,
} from './compute.ts'
import { firstStateOf } from './firstState.ts'
import { normOfPayload } from './norm.ts'
import { answerOf } from './ruling.ts'

const MAX_COMPILED = 8
const NO_PREDICTIONS: Predictions = { shape: [], classNames: [], samples: [] }

/** Does the jobs of {@link Compute} on this thread: one engine, the documents it was given, models compiled once. */
export class Workbench {
  readonly #engine: Engine
  readonly #documents = new Map<Hash, Uint8Array>()
  readonly #datasets = new Map<Hash, Dataset>()
  readonly #models = new Map<string, Model>()

  constructor(wasm: Uint8Array, crew: Crew | null = null) {
    this.#engine = createEngine(wasm, { crew })
  }

  provide(id: Hash, bytes: Uint8Array): void {
    this.#documents.set(id, bytes)
  }

  forget(id: Hash): void {
    this.#documents.delete(id)
    this.#datasets.delete(id)
  }

  train(job: TrainJob, onStep?: OnStep): TrainedUnit {
    return trainUnit(this.#unit(job, onStep))
  }

  check(job: CheckJob, onStep?: OnStep): Findings {
    const inputs = this.#update(job, onStep)
    // Alone even for a suspicious update: what a replay needs besides is fetched only then.
    return job.segments === 0 ? { ...checkLight(inputs), replay: null } : checkUnit(inputs)
  }

  states(job: TrainJob, steps: readonly number[]): Hash[] {
    return statesAt(this.#unit(job), steps)
  }

  state(job: TrainJob, step: number): Uint8Array {
    return stateBytesAt(this.#unit(job), step)
  }

  rule(job: RulingJob): RulingAnswer {
    return answerOf(job, { unit: one => this.#unit(one), update: one => this.#update(one) })
  }

  norm({ document, recipe, payload }: ReadJob): number | null {
    return normOfPayload(payload, recipe, parameterCount(modelDocumentOfBytes(this.#bytes(document))))
  }

  aggregate(job: AggregateJob): NextState {
    const { payloads, recipe } = job
    const [parameters, momentum] = [parametersOfBytes(job.parameters), parametersOfBytes(job.momentum)]
    const next = aggregate({ parameters, momentum, payloads, recipe })
    return { parameters: parametersToBytes(next.parameters), momentum: parametersToBytes(next.momentum) }
  }

  evaluate({ document, data, parameters }: EvaluateJob): Evaluation {
    const model = this.#model(document, EVALUATION_BATCH)
    return evaluateModel({ model, dataset: this.#dataset(data), parameters: parametersOfBytes(parameters) })
  }

  found({ document, data, recipe, seed }: FoundJob): FoundResult {
    // All the memory there is: whether a model fits must not depend on what came before it.
    while (this.#models.size > 0) this.#disposeOldest()
    const job = { document: modelDocumentOfBytes(this.#bytes(document)), dataset: this.#dataset(data), recipe, seed }
    return firstStateOf(this.#engine, job)
  }

  predict(job: PredictJob): Predictions {
    const dataset = this.#dataset(job.data)
    // Only images can be shown with what the model says of them.
    if (dataset.format !== IMAGE_FORMAT) return NO_PREDICTIONS
    const model = this.#model(job.document, EVALUATION_BATCH)
    model.setParameters(parametersOfBytes(job.parameters))
    const width = dataset.inputs.length / (dataset.trainCount + dataset.testCount)
    const samples = job.samples.map(sample => {
      const index = dataset.trainCount + sample
      const { x, y } = samplesOf(dataset, Int32Array.of(index))
      const confidence = softmax(model.logits(x, 1))
      return {
        index: sample,
        pixels: dataset.inputs.slice(index * width, (index + 1) * width),
        label: y[0]!,
        predicted: confidence.indexOf(Math.max(...confidence)),
        confidence,
      }
    })
    return { shape: dataset.shape, classNames: dataset.classNames, samples }
  }

  #inputs(job: ModelInputs) {
    return {
      model: this.#model(job.document, job.recipe.batchSize),
      dataset: this.#dataset(job.data),
      parameters: parametersOfBytes(job.parameters),
      recipe: job.recipe,
    }
  }

  #unit(job: TrainJob, onStep?: OnStep) {
    const { id, recipe, residual, lossBefore } = job
    const inputs = this.#inputs(job)
    const probe = roundProbe({ ...id, recipe, strata: strataOf(inputs.dataset) })
    const known = lossBefore !== undefined && { lossBefore }
    return { ...inputs, id, residual, probe, ...known, ...(onStep && { onStep }) }
  }

  #update(job: CheckJob, onStep?: OnStep) {
    const { id, recipe, claim, payload, segments, drawBeacon, heldOutLoss, freshBefore } = job
    const unit = this.#unit(job, onStep)
    const fresh = freshProbe({ ...id, beacon: drawBeacon, recipe, strata: strataOf(unit.dataset) })
    const known = freshBefore !== undefined && { freshBefore }
    return { ...unit, claim, payload, segments, heldOutLoss, freshProbe: fresh, ...known }
  }

  #model(document: Hash, batch: number): Model {
    const key = `${document}/${batch}`
    const compiled = this.#models.get(key)
    if (compiled) {
      this.#models.delete(key)
      this.#models.set(key, compiled)
      return compiled
    }
    if (this.#models.size >= MAX_COMPILED) this.#disposeOldest()
    const model = this.#compile(modelDocumentOfBytes(this.#bytes(document)), batch)
    this.#models.set(key, model)
    return model
  }

  /** Models that are not in use give way to one that needs their memory. */
  #compile(document: ModelDocument, batch: number): Model {
    for (;;) {
      try {
        return this.#engine.compile(document, batch)
      } catch (error) {
        const isFull = error instanceof HydraError && error.code === 'ENGINE_MEMORY'
        if (!isFull || this.#models.size === 0) throw error
        this.#disposeOldest()
      }
    }
  }

  #disposeOldest(): void {
    for (const [key, model] of this.#models) {
      model.dispose()
      this.#models.delete(key)
      return
    }
  }

  #dataset(id: Hash): Dataset {
    const known = this.#datasets.get(id)
    if (known) return known
    const dataset = decodeDataset(this.#bytes(id))
    this.#datasets.set(id, dataset)
    // The decoded form replaces the encoded one.
    this.#documents.delete(id)
    return dataset
  }

  #bytes(id: Hash): Uint8Array {
    const bytes = this.#documents.get(id)
    if (!bytes) throw new HydraError('COMPUTE_DOCUMENT_MISSING', `Document ${id} was not handed to the compute thread.`)
    return bytes
  }
}

/** For display only, hence in plain JavaScript floats. */
function softmax(logits: Float32Array): number[] {
  const peak = Math.max(...logits)
  const weights = Array.from(logits, value => Math.exp(value - peak))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map(weight => weight / total)
}
