import type { Kernels } from '../wasm.ts'
import type { Functions } from './board.ts'

/** Kernels of which threads may run parts at the same time; their place in the list is their number on the board. */
export const SHARED_KERNELS = [
  ...['matmul', 'conv2d', 'conv2dFilterGradient', 'relu', 'reluBackward', 'maxPool', 'maxPoolBackward'],
  ...['avgPool', 'avgPoolBackward', 'gelu', 'silu', 'multiply', 'add', 'scale', 'clear', 'copy', 'dropout', 'mapExp'],
  ...['mapFunction', 'embedding', 'embeddingBackward', 'layerNorm', 'layerNormBackward', 'layerNormSums', 'groupNorm'],
  ...['groupNormBackward', 'attention', 'attentionBackward', 'columnSums', 'channelSums', 'softmaxCrossEntropy'],
  ...['adamw', 'sgd'],
] as const satisfies readonly (keyof Kernels)[]

export type SharedKernel = (typeof SHARED_KERNELS)[number]

/** A thread's instance of the module, as the board numbers its kernels. */
export function functionsOf(kernels: Kernels): Functions {
  return SHARED_KERNELS.map(name => kernels[name] as (...args: number[]) => unknown)
}
