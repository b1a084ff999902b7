import type { ParameterTensor } from '../shapes.ts'
import type { Address, Kernels } from '../wasm.ts'
import type { Slot, Tensor } from './tensor.ts'

/** What a pass through the graph is for. */
export interface Pass {
  /** Samples of the batch that are computed. */
  readonly count: number
  readonly training: boolean
  /** Randomness of this step. */
  readonly step: number
  readonly key: readonly [number, number]
}

/**
 * How a node gives the gradient of its one input. `fresh`: writes it to another place than the gradient of its output.
 * `adds`: the same, or adds it to what is there. `inPlace`: writes it to another place or over the gradient of its output.
 */
export type GradientKind = 'fresh' | 'adds' | 'inPlace'

/** A primitive at its place in the graph: a forward and a backward kernel. */
export interface Primitive {
  readonly kind: 'primitive'
  readonly input: Tensor | null
  readonly output: Tensor
  readonly gradient: GradientKind
  /** What backward looks at besides the gradients. */
  readonly keeps: readonly Slot[]
  /** Room for one call of forward, and of backward. */
  readonly forwardScratch: readonly Slot[]
  readonly backwardScratch: readonly Slot[]
  forward(pass: Pass): void
  /**
   * Writes the gradients of the parameters, and that of the input to `dx` unless that is 0; adds it there when `add` is 1.
   * `dy`: the gradient of the output over the whole batch.
   */
  backward(dy: Address, dx: Address, add: number, pass: Pass): void
}

/** output = first + second: its gradient is that of both. */
export interface Sum {
  readonly kind: 'sum'
  readonly first: Tensor
  readonly second: Tensor
  readonly output: Tensor
}

export type GraphNode = Primitive | Sum

/** What primitives need to lay themselves out. */
export interface GraphContext {
  readonly kernels: Kernels
  readonly batch: number
  /** Scratch memory of a kernel that threads share is as often there. */
  readonly threads: number
  readonly parameters: Slot
  readonly gradients: Slot
  /** The next tensor of parameters of the document. */
  take(): ParameterTensor
}

/** The addresses of a parameter tensor and of its gradient. */
export function addressesOf(context: GraphContext, tensor: ParameterTensor): { value(): Address; gradient(): Address } {
  return {
    value: () => context.parameters.address + tensor.offset * 4,
    gradient: () => context.gradients.address + tensor.offset * 4,
  }
}
