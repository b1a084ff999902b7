import { fromHex, type Hash, HydraError } from '@hydraai/core'
import type { Allocator, Block } from './allocator.ts'
import type { ModelDocument } from './document.ts'
import type { Pass } from './graph/node.ts'
import {
  MAX_STEPS_DONE,
  type Optimizer,
  type OptimizerSpec,
  type OptimizerState,
  optimizerOf,
  STATE_SIZE,
} from './optimizer.ts'
import { type Plan, planOf } from './plan.ts'
import { sizeOf } from './shapes.ts'
import type { Address, Kernels } from './wasm.ts'

/** What {@link Model.evaluate} found over its samples. */
export interface ModelEvaluation {
  /** The sum of the losses of all that has a label, in float64; for `mse` of each sample's mean squared error. */
  lossSum: number
  /** Samples, or places of sequences, whose greatest logit is that of their label. */
  correct: number
  /** The class of the greatest logit of each sample or place; the first of equals. Empty for `mse`. */
  predictions: Int32Array
  /** How many losses are in `lossSum`: samples, or places whose label is not -1. */
  scored: number
}

/** Samples one after another: numbers, or tokens. */
export type Samples = Float32Array | Int32Array
/** Labels, or values for `mse`. */
export type Targets = Int32Array | Float32Array

/** A document compiled for batches of one size. It owns its memory until it is disposed of. */
export interface Model {
  readonly document: ModelDocument
  readonly batch: number
  readonly parameterCount: number
  /**
   * Draws the weights from the seed: normal, variance 2 / inputs before ReLU, GELU and SiLU and 1 / inputs elsewhere, shared
   * among the residual blocks where one ends a block; embeddings 0.02; gains 1; biases 0.
   */
  initialise(seed: Hash): void
  /** @throws HydraError SHAPE_MISMATCH */
  setParameters(values: Float32Array): void
  /** A copy, in the order of {@link parameterLayout}. */
  getParameters(): Float32Array
  /** A copy of the gradients of the last step, in the same order. */
  getGradients(): Float32Array
  /** From now on steps follow this rule, with fresh state. @throws HydraError OPTIMIZER_INVALID */
  useOptimizer(spec: OptimizerSpec): void
  /** What dropout draws from now on: step by step the same from the same seed. */
  useSeed(seed: Hash): void
  /**
   * A copy of what the optimiser has gathered, `[2 * parameterCount]`: AdamW's first moments and then its second, SGD's
   * velocities and then zeros; with the steps it has done. @throws HydraError OPTIMIZER_MISSING
   */
  getOptimizerState(): OptimizerState
  /**
   * Goes on as after `step` steps that left this state, schedule and dropout included: with the parameters, the optimiser and
   * the seed of then, the next step gives the bits that it would have given. To be called after {@link useOptimizer} and
   * {@link useSeed}, which begin anew. @throws HydraError OPTIMIZER_MISSING, OPTIMIZER_STATE_INVALID
   */
  setOptimizerState(state: OptimizerState): void
  /**
   * One step on x [batch, ...input] and y: the mean loss before the step, a float32. y: labels [batch], or [batch, context]
   * behind a sequence; values [batch, ...output] for `mse`. x: tokens as Int32Array where the model begins with an embedding.
   * The loss or the parameters may come out non-finite: see {@link assertFinite}.
   * @throws HydraError OPTIMIZER_MISSING, SEED_MISSING, SHAPE_MISMATCH, LABEL_INVALID, TOKEN_INVALID
   */
  trainStep(x: Samples, y: Targets): number
  /** Loss and predictions of the first `count <= batch` samples of x and y. @throws HydraError as {@link trainStep} */
  evaluate(x: Samples, y: Targets, count: number): ModelEvaluation
  /** The output [count, ...output], count <= batch. @throws HydraError SHAPE_MISMATCH, TOKEN_INVALID */
  logits(x: Samples, count: number): Float32Array
  /** Gives the memory back. Every later call throws MODEL_DISPOSED; disposing twice does nothing. */
  dispose(): void
}

export class CompiledModel implements Model {
  readonly document: ModelDocument
  readonly batch: number
  readonly #memory: WebAssembly.Memory
  readonly #kernels: Kernels
  readonly #allocator: Allocator
  readonly #plan: Plan
  #block: Block | null
  #optimizer: Optimizer | null = null
  #key: readonly [number, number] | null = null
  #step = 0

  constructor(
    document: ModelDocument,
    batch: number,
    memory: WebAssembly.Memory,
    kernels: Kernels,
    allocator: Allocator,
    threads: number,
  ) {
    this.document = document
    this.batch = batch
    this.#memory = memory
    this.#kernels = kernels
    this.#allocator = allocator
    this.#plan = planOf(document, batch, kernels, threads)
    this.#block = allocator.allocate(this.#plan.bytes)
    this.#plan.place(this.#block.address)
  }

  get parameterCount(): number {
    return this.#plan.parameterCount
  }

  initialise(seed: Hash): void {
    this.#assertLive()
    const [k0, k1, n0, n1] = wordsOf(seed)
    this.#plan.tensors.forEach(({ tensor, filling }, stream) => {
      const size = sizeOf(tensor.shape)
      const to = this.#plan.parameters.address + tensor.offset * 4
      if (filling.kind === 'constant') this.#floats(to, size).fill(filling.value)
      else this.#kernels.fillNormal(to, size, filling.deviation, stream, n0, n1, k0, k1)
    })
  }

  setParameters(values: Float32Array): void {
    this.#assertLive()
    if (values.length !== this.parameterCount) {
      throw mismatch(`${values.length} parameters, but the model has ${this.parameterCount}`)
    }
    this.#floats(this.#plan.parameters.address, this.parameterCount).set(values)
  }

  getParameters(): Float32Array {
    this.#assertLive()
    return this.#floats(this.#plan.parameters.address, this.parameterCount).slice()
  }

  getGradients(): Float32Array {
    this.#assertLive()
    return this.#floats(this.#plan.gradients.address, this.parameterCount).slice()
  }

  useOptimizer(spec: OptimizerSpec): void {
    this.#assertLive()
    this.#optimizer = optimizerOf(spec)
    this.#floats(this.#plan.state.address, STATE_SIZE * this.parameterCount).fill(0)
  }

  useSeed(seed: Hash): void {
    this.#assertLive()
    const [k0, k1] = wordsOf(seed)
    this.#key = [k0, k1]
    this.#step = 0
  }

  getOptimizerState(): OptimizerState {
    this.#assertLive()
    const { done } = this.#optimizerInUse()
    return { step: done, state: this.#floats(this.#plan.state.address, STATE_SIZE * this.parameterCount).slice() }
  }

  setOptimizerState({ step, state }: OptimizerState): void {
    this.#assertLive()
    const optimizer = this.#optimizerInUse()
    const size = STATE_SIZE * this.parameterCount
    if (state.length !== size || !Number.isSafeInteger(step) || step < 0 || step > MAX_STEPS_DONE) {
      throw new HydraError(
        'OPTIMIZER_STATE_INVALID',
        `${state.length} values after ${step} steps, but the model takes ${size} after 0 to ${MAX_STEPS_DONE}`,
      )
    }
    this.#floats(this.#plan.state.address, size).set(state)
    optimizer.resume(step)
    this.#step = step
  }

  trainStep(x: Samples, y: Targets): number {
    this.#assertLive()
    const { batch } = this
    const plan = this.#plan
    const optimizer = this.#optimizerInUse()
    if (plan.random && this.#key === null) {
      throw new HydraError('SEED_MISSING', 'dropout has nothing to draw from', { advice: 'Call useSeed first.' })
    }
    const targets = this.#targetsOf(batch)
    if (x.length !== batch * plan.inputSize || y.length !== targets) {
      throw mismatch(
        `a step takes ${batch} samples of ${plan.inputSize} values and ${targets} labels, but got ${x.length} and ${y.length}`,
      )
    }
    const pass: Pass = { count: batch, training: true, step: this.#step, key: this.#key ?? [0, 0] }
    const scored = this.#putTargets(y, batch)
    this.#putSamples(x, batch)
    plan.forward(pass)
    // A batch that is masked wholly has loss 0 and no gradient.
    const share = Math.max(scored, 1)
    const loss = this.#loss(batch, plan.outputGradient.address, 1 / share, 0)
    plan.backward(pass)
    const [parameters, gradients] = [plan.parameters.address, plan.gradients.address]
    optimizer.step(this.#kernels, parameters, gradients, plan.state.address, this.parameterCount)
    this.#step++
    return Math.fround(loss / share)
  }

  evaluate(x: Samples, y: Targets, count: number): ModelEvaluation {
    this.#assertLive()
    const plan = this.#plan
    this.#checkCount(x, count)
    const targets = this.#targetsOf(count)
    if (y.length < targets) throw mismatch(`${y.length} labels, but ${count} samples have ${targets}`)
    const scored = this.#putTargets(y, count)
    this.#putSamples(x, count)
    plan.forward({ count, training: false, step: 0, key: [0, 0] })
    const { address } = plan.predictions
    if (this.document.loss === 'mse') {
      const lossSum = this.#loss(count, 0, 0, 0) / plan.outputSize
      return { lossSum, correct: 0, predictions: new Int32Array(0), scored: count }
    }
    const lossSum = this.#loss(count, 0, 0, address)
    const predictions = new Int32Array(this.#memory.buffer, address, targets).slice()
    let correct = 0
    for (let i = 0; i < targets; i++) if (predictions[i] === y[i]) correct++
    return { lossSum, correct, predictions, scored }
  }

  logits(x: Samples, count: number): Float32Array {
    this.#assertLive()
    this.#checkCount(x, count)
    this.#putSamples(x, count)
    this.#plan.forward({ count, training: false, step: 0, key: [0, 0] })
    return this.#floats(this.#plan.output.address, count * this.#plan.outputSize).slice()
  }

  dispose(): void {
    if (this.#block !== null) this.#allocator.free(this.#block)
    this.#block = null
    this.#optimizer = null
  }

  /** How many labels or values belong to `count` samples. */
  #targetsOf(count: number): number {
    return count * (this.document.loss === 'mse' ? this.#plan.outputSize : this.#plan.places)
  }

  /** The sum of the losses; writes the gradient, and the predictions of cross-entropy, unless their address is 0. */
  #loss(count: number, gradient: Address, scale: number, predictions: Address): number {
    const { output, labels, places, classes, outputSize } = this.#plan
    const kernels = this.#kernels
    const [from, to] = [output.address, labels.address]
    if (this.document.loss === 'mse') return kernels.squaredError(from, to, count * outputSize, gradient, scale)
    return kernels.softmaxCrossEntropy(from, to, count * places, classes, gradient, scale, predictions)
  }

  #putSamples(x: Samples, count: number): void {
    const { input, inputSize, vocabulary } = this.#plan
    const size = count * inputSize
    if (vocabulary === 0) {
      if (!(x instanceof Float32Array)) throw mismatch('the samples are no float32 values')
      this.#floats(input.address, size).set(x.length === size ? x : x.subarray(0, size))
      return
    }
    if (!(x instanceof Int32Array)) throw mismatch('the samples are no int32 tokens')
    const to = new Int32Array(this.#memory.buffer, input.address, size)
    for (let i = 0; i < size; i++) {
      const token = x[i]!
      if (token < 0 || token >= vocabulary) {
        throw new HydraError('TOKEN_INVALID', `token ${i} is ${token}, but the vocabulary is 0 to ${vocabulary - 1}`)
      }
      to[i] = token
    }
  }

  /** Copies the labels or values of `count` samples; how many losses they make. */
  #putTargets(y: Targets, count: number): number {
    const { classes, labels } = this.#plan
    const { loss } = this.document
    const targets = this.#targetsOf(count)
    if (loss === 'mse') {
      if (!(y instanceof Float32Array)) throw mismatch('the targets are no float32 values')
      this.#floats(labels.address, targets).set(y.subarray(0, targets))
      return targets
    }
    if (!(y instanceof Int32Array)) throw mismatch('the labels are no int32 values')
    const least = loss === 'masked-softmax-cross-entropy' ? -1 : 0
    const to = new Int32Array(this.#memory.buffer, labels.address, targets)
    let scored = 0
    for (let i = 0; i < targets; i++) {
      const label = y[i]!
      if (label < least || label >= classes) {
        throw new HydraError('LABEL_INVALID', `label ${i} is ${label}, but the classes are 0 to ${classes - 1}`)
      }
      if (label >= 0) scored++
      to[i] = label
    }
    return scored
  }

  #checkCount(x: Samples, count: number): void {
    if (!Number.isSafeInteger(count) || count < 1 || count > this.batch) {
      throw mismatch(`${count} samples, but the model takes 1 to ${this.batch} at once`)
    }
    if (x.length < count * this.#plan.inputSize) {
      throw mismatch(`${x.length} values for ${count} samples of ${this.#plan.inputSize}`)
    }
  }

  #optimizerInUse(): Optimizer {
    if (this.#optimizer !== null) return this.#optimizer
    throw new HydraError('OPTIMIZER_MISSING', 'the model has no optimiser', { advice: 'Call useOptimizer first.' })
  }

  /** A view that holds until the memory grows. */
  #floats(address: Address, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, count)
  }

  #assertLive(): void {
    if (this.#block === null) throw new HydraError('MODEL_DISPOSED', 'the model was disposed of')
  }
}

/** The first four words of a seed. */
function wordsOf(seed: Hash): [number, number, number, number] {
  const bytes = fromHex(seed)
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return [words.getUint32(0), words.getUint32(4), words.getUint32(8), words.getUint32(12)]
}

function mismatch(problem: string): HydraError {
  return new HydraError('SHAPE_MISMATCH', problem)
}
