import { fromHex, type Hash, HydraError, isHash, taggedHash, u64be } from '@hydraai/core'
import { assertFinite } from '../vectors.ts'
import type { Kernels } from '../wasm.ts'
import { takeGreatest } from './greatest.ts'

/** How a token is drawn from logits. */
export interface Sampling {
  /** Millionths by which logits are divided; 0: always the greatest logit, the first of equals. At most 100 million. */
  readonly temperaturePpm: number
  /** Only the so many greatest logits, the first of equals; 0: all. At most 65,536. */
  readonly topK: number
  /** Of those, the likeliest that together have at least so many millionths (Holtzman et al., 2020); 1,000,000: all. */
  readonly topPPpm: number
  /** What all draws of an answer come from. */
  readonly seed: Hash
}

const PPM = 1_000_000
const MAX_TEMPERATURE_PPM = 100 * PPM
const MAX_TOP_K = 65_536

/** @throws HydraError SAMPLING_INVALID */
export function checkSampling({ temperaturePpm, topK, topPPpm, seed }: Sampling): void {
  checkRange('temperaturePpm', temperaturePpm, MAX_TEMPERATURE_PPM)
  checkRange('topK', topK, MAX_TOP_K)
  checkRange('topPPpm', topPPpm, PPM)
  if (typeof seed !== 'string' || !isHash(seed)) throw invalid('seed', 'a hash of 64 hex digits')
}

function checkRange(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) throw invalid(name, `an integer from 0 to ${most}`)
}

function invalid(name: string, expected: string): HydraError {
  return new HydraError('SAMPLING_INVALID', `sampling: ${name} is not ${expected}`)
}

/**
 * Token number `index` of an answer. The weight of a token is e^((logit - greatest) / temperature) in float64 by the engine's
 * own exp; weights are added in the order of tokens, the draw takes the first token at which the sum is beyond it.
 * @throws HydraError SAMPLING_INVALID, NON_FINITE
 */
export function sample(kernels: Kernels, logits: Float32Array, sampling: Sampling, index: number): number {
  checkSampling(sampling)
  if (!Number.isSafeInteger(index) || index < 0) throw invalid('index', 'an integer of at least 0')
  if (logits.length === 0) throw new HydraError('SHAPE_MISMATCH', 'no logits to draw from')
  assertFinite(logits, 'logits')
  const { temperaturePpm, topK, topPPpm, seed } = sampling
  const first = firstGreatest(logits)
  if (temperaturePpm === 0) return first
  let tokens = topOf(logits, topK)
  const top = logits[first]!
  let weights = Float64Array.from(tokens, token => kernels.exp(((logits[token]! - top) * PPM) / temperaturePpm))
  if (topPPpm < PPM) {
    const kept = nucleusOf(weights, topPPpm)
    tokens = kept.map(index => tokens[index]!)
    weights = Float64Array.from(kept, index => weights[index]!)
  }
  const draw = drawOf(seed, index) * sumOf(weights)
  let sum = 0
  for (let i = 0; i < tokens.length; i++) {
    sum += weights[i]!
    if (sum > draw) return tokens[i]!
  }
  // Rounding took the draw to the very end: the greatest logit has a weight for certain.
  return first
}

function firstGreatest(logits: Float32Array): number {
  let greatest = 0
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[greatest]!) greatest = i
  return greatest
}

/** The tokens of the `count` greatest logits, the first of equals; 0: of all. */
function topOf(logits: Float32Array, count: number): Int32Array<ArrayBuffer> {
  if (count === 0 || count >= logits.length) {
    const tokens = new Int32Array(logits.length)
    for (let i = 0; i < tokens.length; i++) tokens[i] = i
    return tokens
  }
  let taken = 0
  return takeGreatest(logits, () => ++taken === count)
}

/** Where the fewest weights stand that make `ppm` millionths of all, added from the greatest down; at least one. */
function nucleusOf(weights: Float64Array, ppm: number): Int32Array<ArrayBuffer> {
  const least = sumOf(weights) * (ppm / PPM)
  let sum = 0
  return takeGreatest(weights, weight => {
    sum += weight
    return sum >= least
  })
}

function sumOf(weights: Float64Array): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]!
  return sum
}

/** 53 bits of the seed and the index as a number in [0, 1). */
function drawOf(seed: Hash, index: number): number {
  const bytes = fromHex(taggedHash('hydra/sample/1', fromHex(seed), u64be(index)))
  const words = new DataView(bytes.buffer)
  return (words.getUint32(0) * 2_097_152 + (words.getUint32(4) >>> 11)) / 9_007_199_254_740_992
}
