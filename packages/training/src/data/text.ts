/**
 * Sequences of tokens, each with a part that is learnt: the answer to a question, or what comes next in a text. Their
 * lengths differ, so where each begins is kept beside them.
 */
import { bytes, type Infer, list, literal, oneOf, struct, uintRange } from '@hydraai/core'
import { DATASET_LIMITS, invalidDataset, unknownSample } from './limits.ts'
import { uint16OfBytes, uint16ToBytes } from './littleEndian.ts'

export const TEXT_FORMAT = 'hydra-text/1'

/** Fills what a short sample leaves of the context; no label ever stands on it. */
const PADDING = 0
/** A place without a label. */
const MASKED = -1

/** `count` samples of the training part that lie together and are drawn with a chance of weight / all weights. */
export interface Stratum {
  readonly count: number
  readonly weight: number
}

/**
 * Sample i is `tokens[offsets[i] .. offsets[i + 1])`, of which those from number `from[i]` on are learnt, each from all
 * before it. The training part comes first, stratum after stratum. On the wire numbers are uint16, little-endian, and
 * `offsets` is left out.
 */
export interface TextDataset {
  readonly format: typeof TEXT_FORMAT
  /** Tokens that a model sees at once; a sample has 2 to `context + 1` tokens. */
  readonly context: number
  readonly vocabulary: number
  /** `answers`: question, ANSWER_TOKEN, answer, END_TOKEN. `text`: pieces of running text. */
  readonly mode: 'answers' | 'text'
  readonly strata: readonly Stratum[]
  readonly trainCount: number
  readonly testCount: number
  readonly lengths: Uint16Array
  readonly from: Uint16Array
  readonly tokens: Uint16Array
  /** `[trainCount + testCount + 1]`, follows from `lengths`. */
  readonly offsets: Uint32Array
}

export const textWire = struct({
  format: literal(TEXT_FORMAT),
  context: uintRange(1, DATASET_LIMITS.context),
  vocabulary: uintRange(2, 65_536),
  mode: oneOf(['answers', 'text']),
  strata: list(struct({ count: uintRange(1, DATASET_LIMITS.samples), weight: uintRange(1, DATASET_LIMITS.weight) }), {
    max: DATASET_LIMITS.strata,
  }),
  trainCount: uintRange(1, DATASET_LIMITS.samples),
  testCount: uintRange(1, DATASET_LIMITS.samples),
  lengths: bytes({ max: 2 * DATASET_LIMITS.samples }),
  from: bytes({ max: 2 * DATASET_LIMITS.samples }),
  tokens: bytes({ max: DATASET_LIMITS.bytes }),
})
export type TextWire = Infer<typeof textWire>

export function textToWire(dataset: TextDataset): TextWire {
  const { strata, lengths, from, tokens } = dataset
  return {
    ...dataset,
    strata: [...strata],
    lengths: uint16ToBytes(lengths),
    from: uint16ToBytes(from),
    tokens: uint16ToBytes(tokens),
  }
}

export function textOfWire(wire: TextWire): TextDataset {
  const lengths = uint16OfBytes(wire.lengths, 'lengths')
  const from = uint16OfBytes(wire.from, 'beginnings')
  return { ...wire, lengths, from, tokens: uint16OfBytes(wire.tokens, 'tokens'), offsets: offsetsOf(lengths) }
}

/** Where each sample begins, and at last where all of them end. */
export function offsetsOf(lengths: Uint16Array): Uint32Array {
  // A million lengths of at most 65,535 might pass 2^32, but then they do not fit the tokens and are refused.
  const offsets = new Uint32Array(lengths.length + 1)
  for (let i = 0; i < lengths.length; i++) offsets[i + 1] = offsets[i]! + lengths[i]!
  return offsets
}

/** Throws DATASET_INVALID unless strata, counts, lengths, beginnings and tokens agree. */
export function checkText(dataset: TextDataset): void {
  const { context, vocabulary, strata, trainCount, testCount, lengths, from, tokens } = dataset
  const count = trainCount + testCount
  if (strata.length === 0) throw invalidDataset('it has no strata')
  const inStrata = strata.reduce((sum, stratum) => sum + stratum.count, 0)
  if (inStrata !== trainCount) throw invalidDataset(`its strata hold ${inStrata} of ${trainCount} training samples`)
  if (lengths.length !== count || from.length !== count) {
    throw invalidDataset(`${count} samples have ${lengths.length} lengths and ${from.length} beginnings`)
  }
  let total = 0
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!
    if (length < 2 || length > context + 1) throw invalidDataset(`sample ${i} has ${length} tokens`)
    if (from[i]! < 1 || from[i]! >= length)
      throw invalidDataset(`sample ${i} of ${length} tokens learns from ${from[i]}`)
    total += length
  }
  if (tokens.length !== total) throw invalidDataset(`samples of ${total} tokens have ${tokens.length}`)
  for (let i = 0; i < total; i++) {
    if (tokens[i]! >= vocabulary) throw invalidDataset(`token ${i} is ${tokens[i]}, not below ${vocabulary}`)
  }
}

/**
 * `x` is `[count, context]` tokens, padded with 0; `y` is `[count, context]`: behind place i comes token i + 1, or -1
 * where nothing is learnt. Throws SAMPLE_UNKNOWN.
 */
export function textSamples(dataset: TextDataset, indices: Int32Array): { x: Int32Array; y: Int32Array } {
  const { context, lengths, from, tokens, offsets } = dataset
  const x = new Int32Array(indices.length * context).fill(PADDING)
  const y = new Int32Array(indices.length * context).fill(MASKED)
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!
    const length = lengths[index]
    if (length === undefined) throw unknownSample(index, lengths.length)
    const at = offsets[index]!
    const place = row * context
    const seen = Math.min(length, context)
    for (let i = 0; i < seen; i++) x[place + i] = tokens[at + i]!
    for (let i = from[index]!; i < length; i++) y[place + i - 1] = tokens[at + i]!
  }
  return { x, y }
}
