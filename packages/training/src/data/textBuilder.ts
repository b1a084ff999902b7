import { DATASET_LIMITS, invalidDataset } from './limits.ts'
import { checkText, offsetsOf, TEXT_FORMAT, type TextDataset } from './text.ts'

/** 2 to `context + 1` tokens, of which those from number `from` (at least 1) on are learnt. */
export interface TextSample {
  readonly tokens: ArrayLike<number>
  readonly from: number
}

/**
 * A text dataset of samples in the order given: the strata's for training, `heldOut` for evaluation. Throws
 * DATASET_INVALID for what no dataset can hold.
 */
export function textDataset(source: {
  readonly context: number
  readonly vocabulary: number
  readonly mode: TextDataset['mode']
  readonly strata: readonly { readonly weight: number; readonly samples: readonly TextSample[] }[]
  readonly heldOut: readonly TextSample[]
}): TextDataset {
  const { context, vocabulary, mode, heldOut } = source
  const strata = source.strata.map(({ weight, samples }) => ({ count: samples.length, weight }))
  const samples = [...source.strata.flatMap(stratum => stratum.samples), ...heldOut]
  if (samples.length > DATASET_LIMITS.samples) throw invalidDataset(`it has ${samples.length} samples`)
  const lengths = new Uint16Array(samples.length)
  const from = new Uint16Array(samples.length)
  let total = 0
  samples.forEach((sample, i) => {
    lengths[i] = uint16(sample.tokens.length, `sample ${i}: its length`)
    from[i] = uint16(sample.from, `sample ${i}: its beginning`)
    total += sample.tokens.length
  })
  const tokens = new Uint16Array(total)
  let at = 0
  samples.forEach((sample, i) => {
    for (let j = 0; j < sample.tokens.length; j++) tokens[at++] = uint16(sample.tokens[j]!, `sample ${i}: token ${j}`)
  })
  const dataset: TextDataset = {
    format: TEXT_FORMAT,
    context,
    vocabulary,
    mode,
    strata,
    trainCount: samples.length - heldOut.length,
    testCount: heldOut.length,
    lengths,
    from,
    tokens,
    offsets: offsetsOf(lengths),
  }
  checkText(dataset)
  return dataset
}

/** A typed array would wrap what does not fit into another token. */
function uint16(value: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw invalidDataset(`${what} is ${value}`)
  return value
}
