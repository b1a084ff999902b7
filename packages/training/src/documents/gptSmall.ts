import { gptDocument } from './gpt.ts'
import { presetRecipe } from './presetRecipe.ts'
import type { Preset, TextFacts } from './presets.ts'

/** The context that data for this preset is best made with. */
export const GPT_SMALL_CONTEXT = 64
const WIDTH = 96
const BLOCKS = 4
const HEADS = 4

/** A small causal transformer over the data's own vocabulary, without dropout. */
export function gptSmall({ context, vocabulary }: TextFacts): Preset {
  // The four projections of attention, and the two of a feed-forward layer four times as wide.
  const block = 12 * WIDTH * WIDTH + 2 * context * WIDTH
  return {
    document: gptDocument({ context, vocabulary, width: WIDTH, blocks: BLOCKS, heads: HEADS }),
    recipe: presetRecipe({
      multiplyAdds: context * (BLOCKS * block + vocabulary * WIDTH),
      batches: [16, 8, 4],
      mostSteps: 60,
      probeSamples: 16,
      learningRatePpm: 2_000,
      beta2Ppm: 990_000,
    }),
  }
}
