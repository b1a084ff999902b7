import { HydraError } from '@hydraai/core'
import { FIRST_MERGE_TOKEN, MAX_VOCABULARY, type Tokenizer, tokenizerToBytes } from '@hydraai/engine'
import { DATASET_LIMITS, encodeDataset, type TextSample, textDataset } from '@hydraai/training'
import { type DataFormat, type Imported, type ImportOptions, tooLarge } from '../importer.ts'

/** What a small text model is given unless asked otherwise. */
const CONTEXT = 64
const VOCABULARY = 1024
/** Texts take longer to judge than images. */
export const MOST_HELD_OUT_TEXTS = 512
const MIN_CONTEXT = 8
const MAX_CONTEXT = 1024

/** Tokens of the context and of the vocabulary. @throws HydraError OPTION_INVALID */
export function textSizes({ context = CONTEXT, vocabulary = VOCABULARY }: ImportOptions): {
  context: number
  vocabulary: number
} {
  check('context', context, MIN_CONTEXT, MAX_CONTEXT)
  check('vocabulary', vocabulary, FIRST_MERGE_TOKEN, MAX_VOCABULARY)
  return { context, vocabulary }
}

/** The dataset and its report. */
export function textImport(source: {
  where: string
  format: DataFormat
  mode: 'answers' | 'text'
  context: number
  tokenizer: Tokenizer
  train: readonly TextSample[]
  heldOut: readonly TextSample[]
  warnings: readonly string[]
}): Imported {
  const { where, format, mode, context, tokenizer, train, heldOut, warnings } = source
  if (train.length + heldOut.length > DATASET_LIMITS.samples) {
    throw tooLarge(where, 'it makes more than a million samples', 'Give a part of it, or a larger --context.')
  }
  const { vocabulary } = tokenizer
  const dataset = textDataset({ context, vocabulary, mode, strata: [{ weight: 1, samples: train }], heldOut })
  const encoded = encodeDataset(dataset)
  return {
    dataset,
    encoded,
    tokenizer: tokenizerToBytes(tokenizer),
    report: {
      kind: 'text',
      format,
      samples: train.length + heldOut.length,
      trainCount: train.length,
      heldOut: heldOut.length,
      bytes: encoded.length,
      classes: [],
      warnings,
    },
  }
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new HydraError('OPTION_INVALID', `--${name} ${value} is not possible.`, { advice: `Give ${least} to ${most}.` })
}
