/** Models for data that people bring: the document and the recipe follow from a few facts about it. */
import { HydraError, type Recipe } from '@hydraai/core'
import type { ModelDocument } from '@hydraai/engine'
import { IMAGE_FORMAT, type ImageDataset } from '../data/images.ts'
import { TABLE_FORMAT, type TableDataset } from '../data/table.ts'
import { TEXT_FORMAT, type TextDataset } from '../data/text.ts'
import { cnnSmall } from './cnnSmall.ts'
import { gptSmall } from './gptSmall.ts'
import { mlpSmall } from './mlpSmall.ts'

export interface Preset {
  readonly document: ModelDocument
  readonly recipe: Recipe
}

/** What a preset looks at; a whole dataset will do. */
export type ImageFacts = Pick<ImageDataset, 'format' | 'shape' | 'classes'>
export type TableFacts = Pick<TableDataset, 'format' | 'features' | 'classes'>
export type TextFacts = Pick<TextDataset, 'format' | 'context' | 'vocabulary'>
export type DatasetFacts = ImageFacts | TableFacts | TextFacts

export type PresetName = 'cnn-small' | 'mlp-small' | 'gpt-small'

/** Each throws PRESET_MISMATCH for data that it does not fit. */
export const presets: Readonly<Record<PresetName, (facts: DatasetFacts) => Preset>> = {
  'cnn-small': facts => (facts.format === IMAGE_FORMAT ? cnnSmall(facts) : refuse('cnn-small', facts)),
  'mlp-small': facts => (facts.format === TABLE_FORMAT ? mlpSmall(facts) : refuse('mlp-small', facts)),
  'gpt-small': facts => (facts.format === TEXT_FORMAT ? gptSmall(facts) : refuse('gpt-small', facts)),
}

/** The preset for data of this kind. */
export function presetFor(format: DatasetFacts['format']): PresetName {
  if (format === TEXT_FORMAT) return 'gpt-small'
  return format === TABLE_FORMAT ? 'mlp-small' : 'cnn-small'
}

const KINDS = { [IMAGE_FORMAT]: 'images', [TABLE_FORMAT]: 'a table', [TEXT_FORMAT]: 'text' } as const

function refuse(name: PresetName, { format }: DatasetFacts): never {
  throw new HydraError('PRESET_MISMATCH', `The preset ${name} does not fit data of the kind "${KINDS[format]}".`, {
    advice: `Use ${presetFor(format)}.`,
  })
}
