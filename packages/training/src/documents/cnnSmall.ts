import { HydraError } from '@hydraai/core'
import type { Layer } from '@hydraai/engine'
import { presetRecipe } from './presetRecipe.ts'
import type { ImageFacts, Preset } from './presets.ts'

const LEAST_SIDE = 8
const MOST_SIDE = 256
const MOST_CHANNELS = 16
const STEM_FILTERS = 16
const FILTERS = 32
/** The first convolution brings larger images down to this. */
const STEM_SIDE = 64
/** The dense head sees at most this many rows and columns. */
const HEAD_SIDE = 4

/**
 * Two or three blocks of convolution, ReLU and pooling, by the size of the image, and a dense head. Throws PRESET_MISMATCH
 * for what is no image of 8×8 to 256×256 with 1 to 16 channels.
 */
export function cnnSmall({ shape, classes }: ImageFacts): Preset {
  const [channels, height, width] = shape
  const fits = (side: number | undefined): side is number => {
    return side !== undefined && side >= LEAST_SIDE && side <= MOST_SIDE
  }
  if (shape.length !== 3 || channels! > MOST_CHANNELS || !fits(height) || !fits(width)) {
    throw new HydraError('PRESET_MISMATCH', `The preset cnn-small does not fit data of the shape ${shape.join('×')}.`, {
      advice: `Use images of ${LEAST_SIDE}×${LEAST_SIDE} to ${MOST_SIDE}×${MOST_SIDE} pixels with 1 to ${MOST_CHANNELS} channels.`,
    })
  }
  const body = new Body(channels!, height, width)
  body.block(STEM_FILTERS, body.longest > 2 * STEM_SIDE ? 4 : body.longest > STEM_SIDE ? 2 : 1, 2)
  body.block(FILTERS, 1, 2)
  if (body.longest > HEAD_SIDE) body.block(FILTERS, 1, Math.ceil(body.longest / HEAD_SIDE))
  body.head(classes)
  return {
    document: { format: 'hydra-model/1', input: [...shape], layers: body.layers, loss: 'softmax-cross-entropy' },
    recipe: presetRecipe({
      multiplyAdds: body.multiplyAdds,
      batches: [32, 16, 8],
      mostSteps: 60,
      probeSamples: 64,
      learningRatePpm: 4_000,
      beta2Ppm: 999_000,
    }),
  }
}

/** Layers one after another, with the shape behind them and the work they are. */
class Body {
  readonly layers: Layer[] = []
  multiplyAdds = 0
  #channels: number
  #height: number
  #width: number

  constructor(channels: number, height: number, width: number) {
    this.#channels = channels
    this.#height = height
    this.#width = width
  }

  get longest(): number {
    return Math.max(this.#height, this.#width)
  }

  /** Convolution by `stride`, ReLU, then pooling by `shrink`; an image too narrow for the window strides that far as well. */
  block(filters: number, stride: number, shrink: number): void {
    const after = (side: number): number => Math.floor((side - 1) / stride) + 1
    const pools = Math.min(after(this.#height), after(this.#width)) >= shrink
    const step = pools ? stride : stride * shrink
    const kernel = step > 1 ? 5 : 3
    this.layers.push({
      type: 'conv2d',
      filters,
      kernel,
      padding: (kernel - 1) / 2,
      ...(step > 1 && { stride: step }),
    })
    this.layers.push({ type: 'relu' })
    this.#height = Math.floor((this.#height - 1) / step) + 1
    this.#width = Math.floor((this.#width - 1) / step) + 1
    this.multiplyAdds += this.#channels * kernel * kernel * filters * this.#height * this.#width
    this.#channels = filters
    if (!pools) return
    this.layers.push({ type: 'maxpool2d', size: shrink })
    this.#height = Math.floor(this.#height / shrink)
    this.#width = Math.floor(this.#width / shrink)
  }

  head(classes: number): void {
    this.layers.push({ type: 'flatten' }, { type: 'dense', units: classes })
    this.multiplyAdds += this.#channels * this.#height * this.#width * classes
  }
}
