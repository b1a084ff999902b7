import { hashOf, utf8 } from '@hydraai/core'
import { createEngine, parametersToBytes } from '../src/index.ts'
import { labels, SMALL_CNN, values } from './values.ts'

/**
 * Trains a small CNN for 20 steps, ten of AdamW and ten of SGD with Nesterov momentum, and evaluates it: the SHA-256 of its
 * parameters, losses and logits. Every runtime must find the same.
 */
export function trainedHash(wasm: Uint8Array): string {
  const batch = 16
  const model = createEngine(wasm).compile(SMALL_CNN, batch)
  model.initialise(hashOf(utf8('exactness')))
  const size = SMALL_CNN.input.reduce((product, length) => product * length, 1)
  const found: number[] = []
  for (let step = 0; step < 20; step++) {
    if (step === 0) {
      model.useOptimizer({
        type: 'adamw',
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0.01,
      })
    } else if (step === 10) {
      model.useOptimizer({ type: 'sgd', learningRate: 0.02, momentum: 0.9, nesterov: true })
    }
    found.push(model.trainStep(values(batch * size, step % 4), labels(batch, 10, step % 4)))
  }
  found.push(...model.logits(values(batch * size, 99), batch))
  return hashOf(parametersToBytes(Float32Array.from([...model.getParameters(), ...found])))
}
