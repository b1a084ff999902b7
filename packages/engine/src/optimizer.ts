import { HydraError } from '@hydraai/core'
import type { Address, Kernels } from './wasm.ts'

/**
 * How the learning rate goes: from 0 up to it over `warmUp` steps, then down to `floor` along half a cosine, reached at step
 * `total`. `done`: steps taken before this optimiser began, 0 unless given.
 */
export interface Schedule {
  warmUp: number
  total: number
  floor: number
  done?: number
}

interface Common {
  learningRate: number
  schedule?: Schedule
  /** Gradients whose L2 norm, over all parameters, is greater are shrunk to it (Pascanu et al., 2013). */
  clipNorm?: number
}

/** The rule that turns gradients into steps. AdamW with weightDecay 0 is Adam. */
export type OptimizerSpec =
  | (Common & { type: 'adamw'; beta1: number; beta2: number; epsilon: number; weightDecay: number })
  | (Common & { type: 'sgd'; momentum: number; nesterov: boolean })

/** float32 values of state that an optimiser may need for each parameter. */
export const STATE_SIZE = 2

/** Steps that an optimiser can be set to have done: more than any unit has, few enough to rebuild what depends on them. */
export const MAX_STEPS_DONE = 10_000_000

/** What an optimiser and dropout go on from: how many steps are done, and `[STATE_SIZE * count]` values. */
export interface OptimizerState {
  readonly step: number
  readonly state: Float32Array
}

/** An optimiser at work. */
export interface Optimizer {
  /** Steps done. */
  readonly done: number
  /** As if so many steps were done; their `state` is to be put back as well. */
  resume(done: number): void
  /** Changes the parameters in place; `state` holds `STATE_SIZE * count` values, zero before the first step. */
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
  if (spec.clipNorm !== undefined && !(Number.isFinite(spec.clipNorm) && spec.clipNorm > 0)) {
    refuse(`clipNorm is ${spec.clipNorm}`)
  }
  if (spec.schedule !== undefined) {
    const { warmUp, total, floor, done = 0 } = spec.schedule
    rate('schedule.floor', floor)
    for (const [name, value] of Object.entries({ warmUp, total, done })) {
      if (!Number.isSafeInteger(value) || value < 0) refuse(`schedule.${name} is ${value}`)
    }
    if (total < warmUp) refuse(`schedule ends at step ${total}, before its warm-up of ${warmUp}`)
  }
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

/**
 * The learning rate of step `step`, the first being 1, in float64. The cosine is the engine's own, so that every machine
 * finds the same rate.
 */
export function rateAt(
  step: number,
  learningRate: number,
  schedule: Schedule | undefined,
  kernels: Pick<Kernels, 'cosOfTurns'>,
): number {
  if (schedule === undefined) return learningRate
  const { warmUp, total, floor, done = 0 } = schedule
  const at = step + done
  if (at <= warmUp) return (learningRate * at) / warmUp
  if (at >= total) return floor
  const cosine = kernels.cosOfTurns((at - warmUp) / (total - warmUp) / 2)
  return floor + ((learningRate - floor) * (1 + cosine)) / 2
}

/** Shrinks the gradients to the norm, as PyTorch's clip_grad_norm_ does. */
function clip(kernels: Kernels, gradients: Address, count: number, norm: number): void {
  const factor = norm / (Math.sqrt(kernels.sumOfSquares(gradients, count)) + 1e-6)
  if (factor < 1) kernels.scale(gradients, count, factor)
}

/** An optimiser with fresh state. @throws HydraError OPTIMIZER_INVALID */
export function optimizerOf(spec: OptimizerSpec): Optimizer {
  check(spec)
  const rule = spec.type === 'sgd' ? sgd(spec) : adamw(spec)
  const { learningRate, schedule, clipNorm } = spec
  let done = 0
  return {
    get done() {
      return done
    },
    resume(steps) {
      done = steps
      rule.resume(steps)
    },
    step(kernels, parameters, gradients, state, count) {
      done++
      if (clipNorm !== undefined) clip(kernels, gradients, count, clipNorm)
      rule.step(kernels, rateAt(done, learningRate, schedule, kernels), parameters, gradients, state, count)
    },
  }
}

interface Rule {
  resume(done: number): void
  step(kernels: Kernels, rate: number, parameters: Address, gradients: Address, state: Address, count: number): void
}

function sgd(spec: Extract<OptimizerSpec, { type: 'sgd' }>): Rule {
  const { momentum } = spec
  const nesterov = spec.nesterov ? 1 : 0
  return {
    resume() {},
    step(kernels, rate, parameters, gradients, state, count) {
      kernels.sgd(parameters, gradients, state, count, rate, momentum, nesterov)
    },
  }
}

function adamw(spec: Extract<OptimizerSpec, { type: 'adamw' }>): Rule {
  const { beta1, beta2, epsilon, weightDecay } = spec
  // beta^t is kept by multiplying: powers from Math.pow differ between engines. In float64.
  let power1 = 1
  let power2 = 1
  return {
    resume(done) {
      // The same multiplications as step by step, for the same bits.
      power1 = 1
      power2 = 1
      for (let i = 0; i < done; i++) {
        power1 *= beta1
        power2 *= beta2
      }
    },
    step(kernels, rate, parameters, gradients, state, count) {
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
        rate / (1 - power1),
        1 / Math.sqrt(1 - power2),
        epsilon,
        1 - rate * weightDecay,
      )
    },
  }
}
