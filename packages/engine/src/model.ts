import { fromHex, type Hash, HydraError } from '@hydraai/core'
import type { Allocator, Block } from './allocator.ts'
import type { ModelDocument } from './document.ts'
import { type Optimizer, type OptimizerSpec, optimizerOf } from './optimizer.ts'
import { type Plan, planOf } from './plan.ts'
import { sizeOf } from './shapes.ts'
import type { Address, Kernels } from './wasm.ts'

/** What {@link Model.evaluate} found over its samples. */
export interface ModelEvaluation {
  /** The sum of the samples' losses, in float64. */
  lossSum: number
  /** Samples whose greatest logit is that of their label. */
  correct: number
  /** The class of the greatest logit of each sample; the first of equals. */
  predictions: Int32Array
}

/** A document compiled for batches of one size. It owns its memory until it is disposed of. */
export interface Model {
  readonly document: ModelDocument
  readonly batch: number
  readonly parameterCount: number
  /** Draws the weights from the seed: normal, variance 2 / inputs before a ReLU and 1 / inputs elsewhere; biases 0. */
  initialise(seed: Hash): void
  /** @throws HydraError SHAPE_MISMATCH */
  setParameters(values: Float32Array): void
  /** A copy, in the order of {@link parameterLayout}. */
  getParameters(): Float32Array
  /** A copy of the gradients of the last step, in the same order. */
  getGradients(): Float32Array
  /** From now on steps follow this rule, with fresh state. @throws HydraError OPTIMIZER_INVALID */
  useOptimizer(spec: OptimizerSpec): void
  /**
   * One step on x [batch, ...input] and labels y [batch]: the mean loss before the step, a float32. The loss or the
   * parameters may come out non-finite: see {@link assertFinite}.
   * @throws HydraError OPTIMIZER_MISSING, SHAPE_MISMATCH, LABEL_INVALID
   */
  trainStep(x: Float32Array, y: Int32Array): number
  /** Loss and predictions of the first `count <= batch` samples of x and y. @throws HydraError as {@link trainStep} */
  evaluate(x: Float32Array, y: Int32Array, count: number): ModelEvaluation
  /** [count, classes], count <= batch. @throws HydraError SHAPE_MISMATCH */
  logits(x: Float32Array, count: number): Float32Array
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
  readonly #firstTrained: number
  #block: Block | null
  #state: Block | null = null
  #optimizer: Optimizer | null = null

  constructor(
    document: ModelDocument,
    batch: number,
    memory: WebAssembly.Memory,
    kernels: Kernels,
    allocator: Allocator,
  ) {
    this.document = document
    this.batch = batch
    this.#memory = memory
    this.#kernels = kernels
    this.#allocator = allocator
    this.#plan = planOf(document, batch, kernels)
    this.#firstTrained = this.#plan.operations.findIndex(operation => operation.hasParameters)
    this.#block = allocator.allocate(this.#plan.bytes)
    this.#plan.place(this.#block.address)
  }

  get parameterCount(): number {
    return this.#plan.parameterCount
  }

  initialise(seed: Hash): void {
    this.#assertLive()
    const bytes = fromHex(seed)
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const [k0, k1, n0, n1] = [0, 4, 8, 12].map(at => words.getUint32(at)) as [number, number, number, number]
    this.#floats(this.#plan.parameters.address, this.parameterCount).fill(0)
    this.#plan.tensors.forEach((tensor, stream) => {
      if (tensor.shape.length === 1) return
      const size = sizeOf(tensor.shape)
      const inputs = tensor.shape.length === 4 ? size / tensor.shape[0]! : tensor.shape[0]!
      const layer = Number(tensor.name.split('.')[1])
      const gain = this.document.layers[layer + 1]?.type === 'relu' ? 2 : 1
      const to = this.#plan.parameters.address + tensor.offset * 4
      this.#kernels.fillNormal(to, size, Math.sqrt(gain / inputs), stream, n0, n1, k0, k1)
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
    const optimizer = optimizerOf(spec)
    if (this.#state !== null) this.#allocator.free(this.#state)
    this.#state = null
    this.#optimizer = null
    this.#state = this.#allocator.allocate(optimizer.stateSize * this.parameterCount * 4)
    this.#optimizer = optimizer
  }

  trainStep(x: Float32Array, y: Int32Array): number {
    this.#assertLive()
    const { batch } = this
    if (this.#optimizer === null || this.#state === null) {
      throw new HydraError('OPTIMIZER_MISSING', 'the model has no optimiser', { advice: 'Call useOptimizer first.' })
    }
    if (x.length !== batch * this.#plan.inputSize || y.length !== batch) {
      throw mismatch(
        `a step takes ${batch} samples of ${this.#plan.inputSize} values, but got ${x.length} and ${y.length} labels`,
      )
    }
    this.#putLabels(y, batch)
    this.#forward(x, batch)
    const { logits, labels, classes, flow, operations, parameters, gradients } = this.#plan
    let [dy, other] = [flow[0].address, flow[1].address]
    const loss = this.#kernels.softmaxCrossEntropy(logits.address, labels.address, batch, classes, dy, 1 / batch, 0)
    for (let i = operations.length - 1; i >= this.#firstTrained; i--) {
      const operation = operations[i]!
      if (operation.inPlace) {
        operation.backward(dy, dy)
      } else {
        operation.backward(dy, i > this.#firstTrained ? other : 0)
        ;[dy, other] = [other, dy]
      }
    }
    const state = this.#state.address
    this.#optimizer.step(this.#kernels, parameters.address, gradients.address, state, this.parameterCount)
    return Math.fround(loss / batch)
  }

  evaluate(x: Float32Array, y: Int32Array, count: number): ModelEvaluation {
    this.#assertLive()
    this.#checkCount(x, count)
    if (y.length < count) throw mismatch(`${y.length} labels for ${count} samples`)
    this.#putLabels(y, count)
    this.#forward(x, count)
    const { logits, labels, predictions, classes } = this.#plan
    const { address } = predictions
    const lossSum = this.#kernels.softmaxCrossEntropy(logits.address, labels.address, count, classes, 0, 0, address)
    const found = new Int32Array(this.#memory.buffer, address, count).slice()
    let correct = 0
    for (let i = 0; i < count; i++) if (found[i] === y[i]) correct++
    return { lossSum, correct, predictions: found }
  }

  logits(x: Float32Array, count: number): Float32Array {
    this.#assertLive()
    this.#checkCount(x, count)
    this.#forward(x, count)
    return this.#floats(this.#plan.logits.address, count * this.#plan.classes).slice()
  }

  dispose(): void {
    if (this.#block !== null) this.#allocator.free(this.#block)
    if (this.#state !== null) this.#allocator.free(this.#state)
    this.#block = null
    this.#state = null
    this.#optimizer = null
  }

  #forward(x: Float32Array, count: number): void {
    const size = count * this.#plan.inputSize
    this.#floats(this.#plan.input.address, size).set(x.length === size ? x : x.subarray(0, size))
    for (const operation of this.#plan.operations) operation.forward(count)
  }

  #putLabels(y: Int32Array, count: number): void {
    const { classes, labels } = this.#plan
    const to = new Int32Array(this.#memory.buffer, labels.address, count)
    for (let i = 0; i < count; i++) {
      const label = y[i]!
      if (label < 0 || label >= classes) {
        throw new HydraError('LABEL_INVALID', `label ${i} is ${label}, but the classes are 0 to ${classes - 1}`)
      }
      to[i] = label
    }
  }

  #checkCount(x: Float32Array, count: number): void {
    if (!Number.isSafeInteger(count) || count < 1 || count > this.batch) {
      throw mismatch(`${count} samples, but the model takes 1 to ${this.batch} at once`)
    }
    if (x.length < count * this.#plan.inputSize) {
      throw mismatch(`${x.length} values for ${count} samples of ${this.#plan.inputSize}`)
    }
  }

  /** A view that holds until the memory grows. */
  #floats(address: Address, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, count)
  }

  #assertLive(): void {
    if (this.#block === null) throw new HydraError('MODEL_DISPOSED', 'the model was disposed of')
  }
}

function mismatch(problem: string): HydraError {
  return new HydraError('SHAPE_MISMATCH', problem)
}
