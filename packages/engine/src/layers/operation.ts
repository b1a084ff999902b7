import type { ParameterTensor } from '../shapes.ts'
import type { Address, Kernels } from '../wasm.ts'

/** A place in a plan's block. `address` is set when the block is placed. */
export interface Slot {
  address: Address
}

/** One step of a plan. */
export interface Operation {
  readonly output: Slot
  readonly hasParameters: boolean
  /** The gradient of the input takes the place of that of the output: `dx` is `dy`. */
  readonly inPlace: boolean
  /** Computes the output of the first `count` samples of the batch. */
  forward(count: number): void
  /**
   * From the gradient of the output of the whole batch: writes the gradients of the parameters, and of the input to `dx`
   * unless that is 0. `dy` may be overwritten.
   */
  backward(dy: Address, dx: Address): void
}

/** What layers need to lay themselves out. */
export interface PlanContext {
  readonly kernels: Kernels
  readonly batch: number
  readonly parameters: Slot
  readonly gradients: Slot
  /** Room for `perSample` float32 values of each sample of the batch. */
  reserve(perSample: number): Slot
  /** Room for `elements` float32 values that are used only within one call; shared by all that use the same name. */
  scratch(name: string, elements: number): Slot
}

/** The addresses of a parameter tensor and of its gradient. */
export function addressesOf(context: PlanContext, tensor: ParameterTensor): { value(): Address; gradient(): Address } {
  return {
    value: () => context.parameters.address + tensor.offset * 4,
    gradient: () => context.gradients.address + tensor.offset * 4,
  }
}
