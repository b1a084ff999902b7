import type { Layer, ModelDocument } from '@hydraai/engine'

/** The sizes of a GPT. The feed-forward layers are four times as wide as the stream. */
export interface GptSizes {
  /** Tokens that it sees at once. */
  readonly context: number
  readonly vocabulary: number
  readonly width: number
  /** Blocks, of attention and feed-forward each. */
  readonly blocks: number
  /** Divides `width`. */
  readonly heads: number
}

/** A causal transformer as GPT-2 has it (Radford et al., 2019): norms first, learnt positions, the head tied to the embedding. */
export function gptDocument({ context, vocabulary, width, blocks, heads }: GptSizes): ModelDocument {
  const block = (): Layer[] => [
    { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads }] },
    {
      type: 'residual',
      layers: [
        { type: 'layerNorm' },
        { type: 'dense', units: 4 * width },
        { type: 'gelu' },
        { type: 'dense', units: width },
      ],
    },
  ]
  return {
    format: 'hydra-model/1',
    input: [context],
    layers: [
      { type: 'embedding', vocabulary, width },
      ...Array.from({ length: blocks }, block).flat(),
      { type: 'layerNorm' },
      { type: 'tiedHead' },
    ],
    loss: 'masked-softmax-cross-entropy',
  }
}
