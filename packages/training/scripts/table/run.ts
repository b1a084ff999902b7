/** One row of the table for one seed: a whole training, through the units, wire format and aggregation of a network. */
import {
  type Address,
  addressOf,
  type Compression,
  float32OfBits,
  hashOf,
  type PublicKey,
  type Recipe,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { type Engine, type Model, parameterCount } from '@hydraai/engine'
import {
  aggregate,
  EVALUATION_BATCH,
  evaluateModel,
  initialParameters,
  type ModelState,
  roundProbe,
  strataOf,
  trainUnit,
} from '../../src/index.ts'
import { beginUnit } from '../../src/steps.ts'
import type { TableTask } from './tasks.ts'

/** How a row trains. Rates are plain numbers here; those of units are rounded to the recipe's integers. */
export type Method =
  /** One machine: AdamW, every step from the one before; `inner` is about all steps. */
  | { readonly type: 'every-step'; readonly inner: Inner }
  /** One machine with the same batch, but AdamW begins anew every `local` steps. */
  | { readonly type: 'local'; readonly local: number; readonly inner: Inner }
  /** Several machines, their updates put together every `local` steps. */
  | {
      readonly type: 'network'
      readonly local: number
      readonly trainers: number
      readonly compression: Compression
      readonly inner: Inner
      readonly outer: { readonly rate: number; readonly momentum: number }
    }

export interface Inner {
  readonly rate: number
  /** Share of the unit's steps in which the rate rises. */
  readonly warmUp: number
  /** Share of the rate that the unit ends at. */
  readonly floor: number
}

export interface RunResult {
  /** Mean loss on the held-out part. */
  readonly loss: number
  /** Share of it that is predicted right. */
  readonly accuracy: number
  /** What one trainer sends. */
  readonly bytesPerParameterPerSample: number | null
  /** What exchanging float32 gradients every step sends, over that. */
  readonly timesLess: number | null
  /** CPU time of all of it, on one core. */
  readonly coreSeconds: number
  /** If every trainer had a core of its own: in each round the slowest, and the aggregation; without the network. */
  readonly wallSeconds: number
}

/** Loss and accuracy are a function of the arguments, whatever the machine. */
export function runRow(engine: Engine, task: TableTask, method: Method, seed: string): RunResult {
  const run = new Run(engine, task, seed)
  const start = cpuMs()
  const traffic =
    method.type === 'every-step'
      ? run.everyStep(method)
      : method.type === 'local'
        ? run.local(method)
        : run.network(method)
  const wallSeconds = traffic.wallSeconds ?? (cpuMs() - start) / 1000
  const { loss, accuracy } = run.evaluate()
  return { ...traffic, loss, accuracy, coreSeconds: (cpuMs() - start) / 1000, wallSeconds }
}

interface Traffic {
  readonly bytesPerParameterPerSample: number | null
  readonly timesLess: number | null
  readonly wallSeconds?: number
}

const NOTHING_SENT: Traffic = { bytesPerParameterPerSample: null, timesLess: null }

/** Rounds are counted from 1: what is trained before them draws other samples. */
const BEFORE = 0
const beginnings = new Map<string, Float32Array>()

class Run {
  readonly #engine: Engine
  readonly #task: TableTask
  readonly #seed: string
  #parameters: Float32Array

  constructor(engine: Engine, task: TableTask, seed: string) {
    this.#engine = engine
    this.#task = task
    this.#seed = seed
    this.#parameters = initialParameters(engine, task.document, taggedHash('table/seed', utf8(seed)))
    if (task.before !== undefined) this.#parameters = this.#trainedBefore(task.before)
  }

  /** The parameters that all rows of this seed begin from, made once a thread. */
  #trainedBefore({ steps, rate }: NonNullable<TableTask['before']>): Float32Array {
    const key = `${this.#task.name} ${this.#seed}`
    const made = beginnings.get(key) ?? this.#steps(BEFORE, steps, { rate, warmUp: 0, floor: 1 })
    beginnings.set(key, made)
    return made.slice()
  }

  /** The parameters after `steps` of one optimiser. */
  #steps(round: number, steps: number, inner: Inner): Float32Array {
    const { batch } = this.#task
    const model = this.#compile(batch)
    const job = this.#job(round, 0, this.#recipe(steps, batch, inner))
    const unit = beginUnit({ ...job, model, parameters: this.#parameters }, steps)
    while (unit.done < steps) unit.step()
    const parameters = model.getParameters()
    model.dispose()
    return parameters
  }

  everyStep({ inner }: Extract<Method, { type: 'every-step' }>): Traffic {
    this.#parameters = this.#steps(1, this.#task.steps, inner)
    return NOTHING_SENT
  }

  local({ local, inner }: Extract<Method, { type: 'local' }>): Traffic {
    const { steps, batch } = this.#task
    const recipe = this.#recipe(local, batch, inner)
    const model = this.#compile(batch)
    for (let round = 1; round * local <= steps; round++) {
      const unit = beginUnit({ ...this.#job(round, 0, recipe), model, parameters: this.#parameters }, local)
      while (unit.done < local) unit.step()
      this.#parameters = model.getParameters()
    }
    model.dispose()
    return NOTHING_SENT
  }

  network(method: Extract<Method, { type: 'network' }>): Traffic {
    const { steps, batch } = this.#task
    const { local, trainers, compression, outer } = method
    const recipe: Recipe = {
      ...this.#recipe(local, batch / trainers, method.inner),
      outer: { learningRatePpm: ppm(outer.rate), momentumPpm: ppm(outer.momentum) },
      compression,
    }
    const model = this.#compile(recipe.batchSize)
    const count = parameterCount(this.#task.document)
    const residuals = new Map<string, Uint8Array | null>()
    let state: ModelState = { parameters: this.#parameters, momentum: new Float32Array(count) }
    let sent = 0
    let wallMs = 0
    const rounds = steps / local
    for (let round = 1; round <= rounds; round++) {
      const payloads: Uint8Array[] = []
      let slowest = 0
      for (let trainer = 0; trainer < trainers; trainer++) {
        // A residual comes back two rounds later: the update of the round before is not settled yet.
        const lane = `${round % 2} ${trainer}`
        const before = cpuMs()
        const job = { ...this.#job(round, trainer, recipe), model, parameters: state.parameters }
        const unit = trainUnit({ ...job, residual: residuals.get(lane) ?? null })
        slowest = Math.max(slowest, cpuMs() - before)
        residuals.set(lane, unit.residual)
        payloads.push(unit.payload)
        sent += unit.payload.length
      }
      const before = cpuMs()
      state = aggregate({ ...state, payloads, recipe })
      wallMs += slowest + (cpuMs() - before)
    }
    model.dispose()
    this.#parameters = state.parameters
    const bytes = sent / (rounds * trainers)
    return {
      bytesPerParameterPerSample: bytes / (count * local * recipe.batchSize),
      timesLess: (4 * count * local) / bytes,
      wallSeconds: wallMs / 1000,
    }
  }

  evaluate(): { loss: number; accuracy: number } {
    const model = this.#compile(EVALUATION_BATCH)
    const { dataset } = this.#task
    const { correct, total, lossBits } = evaluateModel({ model, dataset, parameters: this.#parameters })
    model.dispose()
    return { loss: float32OfBits(lossBits), accuracy: correct / total }
  }

  #compile(batch: number): Model {
    return this.#engine.compile(this.#task.document, batch)
  }

  #job(round: number, trainer: number, recipe: Recipe) {
    const beacon = taggedHash('table/beacon', utf8(`${this.#seed} ${round}`))
    const { dataset, name } = this.#task
    const source = { beacon, model: name, round, recipe, strata: strataOf(dataset) }
    return {
      id: { beacon, model: name, round, unit: 0, trainer: trainerNamed(trainer) },
      dataset,
      recipe,
      probe: roundProbe(source),
    }
  }

  #recipe(stepsPerUnit: number, batchSize: number, { rate, warmUp, floor }: Inner): Recipe {
    return {
      batchSize,
      stepsPerUnit,
      traceEvery: stepsPerUnit,
      probeSamples: 8,
      maxUnitsPerRound: 1,
      inner: {
        learningRatePpm: ppm(rate),
        beta1Ppm: 900_000,
        beta2Ppm: this.#task.beta2Ppm,
        epsilonPpb: 10,
        weightDecayPpm: 10_000,
        warmUpSteps: Math.round(warmUp * stepsPerUnit),
        floorPpm: ppm(floor),
        clipNormPpm: this.#task.clipNormPpm,
      },
      outer: { learningRatePpm: 1_000_000, momentumPpm: 0 },
      compression: { type: 'int8' },
      aggregation: { type: 'clipped-mean' },
    }
  }
}

/** Of this thread, which other work on the machine does not lengthen. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const ppm = (value: number): number => Math.round(value * 1e6)

function trainerNamed(trainer: number): Address {
  return addressOf(hashOf(utf8(`trainer ${trainer}`)) as string as PublicKey)
}
