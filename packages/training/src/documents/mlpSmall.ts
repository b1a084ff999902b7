import { presetRecipe } from './presetRecipe.ts'
import type { Preset, TableFacts } from './presets.ts'

const WIDTH = 64

/** Two hidden layers of 64 units; classes, or one number. */
export function mlpSmall({ features, classes }: TableFacts): Preset {
  const outputs = classes === 0 ? 1 : classes
  return {
    document: {
      format: 'hydra-model/1',
      input: [features],
      layers: [
        { type: 'dense', units: WIDTH },
        { type: 'relu' },
        { type: 'dense', units: WIDTH },
        { type: 'relu' },
        { type: 'dense', units: outputs },
      ],
      loss: classes === 0 ? 'mse' : 'softmax-cross-entropy',
    },
    recipe: presetRecipe({
      multiplyAdds: WIDTH * (features + WIDTH + outputs),
      batches: [64, 32, 16],
      // More would only learn the rows of a small table by heart.
      mostSteps: 400,
      probeSamples: 256,
      learningRatePpm: 2_000,
      beta2Ppm: 999_000,
    }),
  }
}
