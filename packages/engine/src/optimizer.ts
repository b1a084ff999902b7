import { HydraError } from '@hydraai/core'
import type { Address, Kernels } from './wasm.ts'

/** The rule that turns gradients into steps. AdamW with weightDecay 0 is Adam. */
export type OptimizerSpec =
  | {
      type: 'adamw'
      learningRate: number
      beta1: number
      beta2: number
      epsilon: number
      weightDecay: number
    }
  | { type: 'sgd'; learningRate: number; momentum: number; nesterov: boolean }

/** An optimiser at work. */
export interface Optimizer {
  /** float32 values of state for each parameter. */
  readonly stateSize: 1 | 2
  /** Changes the parameters in place; `state` holds `stateSize * count` values, zero before the first step. */
  step(kernels: Kernels, parameters: Address, gradients: Address, state: Address, count: number): void
}

function check(spec: OptimizerSpec): void {
  const refuse = (problem: string): never => {
    throw new HydraError('OPTIMIZER_INVALID', `the optimiser's ${problem}`, {
      advice: 'Rates are finite and not negative, decay rates and momentum are in 0..1 without 1, epsilon is above 0.',
    })
  }
  const rate = (name: string, value: number): void => {
    if (!Number.isFinite(value) || value < 0) refuse(`${name} is ${value}`)
  }
  const fraction = (name: string, value: number): void => {
    if (!(value >= 0 && value < 1)) refuse(`${name} is ${value}`)
  }
  rate('learningRate', spec.learningRate)
  if (spec.type === 'adamw') {
    fraction('beta1', spec.beta1)
    fraction('beta2', spec.beta2)
    rate('weightDecay', spec.weightDecay)
    if (!(Number.isFinite(spec.epsilon) && Math.fround(spec.epsilon) > 0)) refuse(`epsilon is ${spec.epsilon}`)
  } else if (spec.type === 'sgd') {
    fraction('momentum', spec.momentum)
    if (typeof spec.nesterov !== 'boolean') refuse('nesterov is neither true nor false')
  } else {
    refuse('type is not known')
  }
}

/** An optimiser with fresh state. @throws HydraError OPTIMIZER_INVALID */
export function optimizerOf(spec: OptimizerSpec): Optimizer {
  check(spec)
  if (spec.type === 'sgd') {
    const { learningRate, momentum } = spec
    const nesterov = spec.nesterov ? 1 : 0
    return {
      stateSize: 1,
      step(kernels, parameters, gradients, state, count) {
        kernels.sgd(parameters, gradients, state, count, learningRate, momentum, nesterov)
      },
    }
  }
  const { learningRate, beta1, beta2, epsilon, weightDecay } = spec
  // beta^t is kept by multiplying: powers from Math.pow differ between engines. In float64.
  let power1 = 1
  let power2 = 1
  return {
    stateSize: 2,
    step(kernels, parameters, gradients, state, count) {
      power1 *= beta1
      power2 *= beta2
      kernels.adamw(
        parameters,
        gradients,
        state,
        state + count * 4,
        count,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate / (1 - power1),
        1 / Math.sqrt(1 - power2),
        epsilon,
        1 - learningRate * weightDecay,
      )
    },
  }
}
