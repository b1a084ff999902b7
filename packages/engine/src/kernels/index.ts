// What the module exports. Addresses are byte offsets into the imported memory; the caller owns every buffer.
export { matmul } from './matmul'
export { conv2d, conv2dFilterGradient, packFilters, packTurnedFilters } from './convolution'
export { avgPool, avgPoolBackward, maxPool, maxPoolBackward, relu, reluBackward } from './pooling'
export { add, dropout, gelu, mapExp, mapFunction, multiply, scale, silu } from './activations'
export { attention, attentionBackward } from './attention'
export { decodeAttention, decodeLinear } from './decode'
export { clear, copy, embedding, embeddingBackward } from './embedding'
export { groupNorm, groupNormBackward, layerNorm, layerNormBackward, layerNormSums } from './norm'
export { channelSums, columnSums, sumOfSquares } from './sums'
export { softmaxCrossEntropy, squaredError } from './loss'
export { adamw, sgd } from './optimizers'
export { scratchBytes, useScratch } from './scratch'
export { fillNormal, fillUniform, philox } from './random'
export { cosOfTurns, exp, ln, sinOfTurns } from './mathematics'

/** The first address behind the module's own constants and scratch memory. */
export function heapBase(): usize {
  return __heap_base
}
