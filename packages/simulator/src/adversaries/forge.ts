/** Makes units as a cheat would: with the real engine, and everything that can be recomputed made to fit. */
import {
  commitmentOf,
  contentIdOf,
  fromHex,
  type Hash,
  sealOf,
  segmentKeysRoot,
  segmentsOf,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { createEngine, type Model, parametersOfBytes } from '@hydraai/engine'
import type { TamperedUnit, TrainJob } from '@hydraai/node'
import {
  checkLight,
  type Dataset,
  decodePayload,
  payloadLeaves,
  roundProbe,
  sealUnit,
  strataOf,
  traceRootOf,
  trainUnit,
} from '@hydraai/training'
import { trialTask } from './task.ts'

/** In a payload, before its leaves. */
const PAYLOAD_HEAD_BYTES = 8
const LEAF_BYTES = 32

/** What a run of steps left behind. */
export interface Steps {
  /** Parameters before less those after, `[parameterCount]`. */
  readonly delta: Float32Array
  readonly leaves: readonly Hash[]
  readonly keys: readonly Hash[]
}

/** What is false about a unit; all else is made to fit it. */
export interface Falsehood {
  readonly delta?: Float32Array
  readonly leaves?: readonly Hash[]
  readonly keys?: readonly Hash[]
  /** Bits of the loss that is claimed to be reached; what the update really does unless given. */
  readonly lossAfter?: number
  /** What is said to be left over. */
  readonly residualBytes?: Uint8Array
}

export class Forge {
  readonly #task = trialTask()
  readonly #model: Model

  constructor(wasm: Uint8Array) {
    this.#model = createEngine(wasm).compile(this.#task.document, this.#task.recipe.batchSize)
  }

  /** The steps of a unit; of another one, from other parameters or on other data if the job or `dataset` says so. */
  train(job: TrainJob, dataset: Dataset = this.#task.dataset): Steps {
    const { id, recipe, residual } = job
    const parameters = parametersOfBytes(job.parameters)
    const probe = roundProbe({ ...id, recipe, strata: strataOf(dataset) })
    const { payload, keys } = trainUnit({ id, recipe, residual, parameters, dataset, probe, model: this.#model })
    return { ...decodePayload(payload, recipe, parameters.length), keys }
  }

  get dataset(): Dataset {
    return this.#task.dataset
  }

  /** The update in a unit's payload, `[parameterCount]`. */
  deltaOf({ bytes }: TamperedUnit, { recipe, parameters }: TrainJob): Float32Array {
    return decodePayload(bytes, recipe, parameters.length / 4).delta
  }

  /** The unit with what is false about it. It claims no plant: a cheat has enough to explain. */
  remake(unit: TamperedUnit, job: TrainJob, falsehood: Falsehood): TamperedUnit {
    const { recipe, residual } = job
    const leaves = falsehood.leaves ?? payloadLeaves(unit.bytes, recipe)
    if (!falsehood.delta) return this.withPayload(unit, job, withLeaves(unit.bytes, leaves), falsehood)
    const { delta } = falsehood
    const parameters = parametersOfBytes(job.parameters)
    const theta = parameters.map((value, i) => value - delta[i]!)
    const sealed = sealUnit({ parameters, recipe, residual }, theta, leaves)
    const left = falsehood.residualBytes ?? sealed.residual
    return this.withPayload(unit, job, sealed.payload, { ...falsehood, ...(left && { residualBytes: left }) })
  }

  /** The unit with another payload as its own, whosever it is. */
  withPayload(unit: TamperedUnit, job: TrainJob, bytes: Uint8Array, falsehood: Falsehood = {}): TamperedUnit {
    const residualBytes = falsehood.residualBytes ?? unit.residualBytes
    const keys = [...(falsehood.keys ?? unit.keys)]
    const payload = contentIdOf(bytes)
    const traceRoot = traceRootIn(bytes, job)
    const residual = residualBytes && contentIdOf(residualBytes)
    const claim = { payload, payloadBytes: bytes.length, traceRoot, residual }
    const truth = this.#lossesOf(job, bytes, claim)
    const { lossBefore } = truth
    const lossAfter = falsehood.lossAfter ?? truth.lossAfter
    return {
      ...unit,
      ...claim,
      ...{ bytes, residualBytes, keys, lossBefore, lossAfter, planted: null },
      commitment: commitmentOf({ trainer: unit.trainer, payload, traceRoot, residual }),
      seal: sealOf({ lossBefore, lossAfter, keysRoot: segmentKeysRoot(keys) }),
    }
  }

  /** What the update really does, as every verifier finds it. */
  #lossesOf(
    { id, recipe, residual, ...job }: TrainJob,
    payload: Uint8Array,
    claim: Parameters<typeof checkLight>[0]['claim'],
  ) {
    const { dataset } = this.#task
    const probe = roundProbe({ ...id, recipe, strata: strataOf(dataset) })
    const parameters = parametersOfBytes(job.parameters)
    const inputs = { id, recipe, residual, parameters, dataset, model: this.#model }
    return checkLight({ ...inputs, probe, freshProbe: probe, claim, payload })
  }
}

/** As many hashes as a trace has, of nothing: what somebody says who has not trained. */
export function madeUp(what: string, { recipe, id }: TrainJob): Hash[] {
  const { trainer, round, unit } = id
  return Array.from({ length: segmentsOf(recipe) }, (_, i) =>
    taggedHash('made up', utf8(`${what} ${trainer} ${round} ${unit} ${i}`)),
  )
}

function withLeaves(bytes: Uint8Array, leaves: readonly Hash[]): Uint8Array {
  const copy = bytes.slice()
  for (const [i, leaf] of leaves.entries()) copy.set(fromHex(leaf), PAYLOAD_HEAD_BYTES + i * LEAF_BYTES)
  return copy
}

function traceRootIn(bytes: Uint8Array, { recipe }: TrainJob): Hash {
  return traceRootOf(payloadLeaves(bytes, recipe))
}
