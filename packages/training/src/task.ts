import { HydraError } from '@hydraai/core'
import type { Model } from '@hydraai/engine'
import { IMAGE_FORMAT, imageSizeOf } from './data/images.ts'
import { TEXT_FORMAT } from './data/text.ts'
import type { Dataset } from './dataset.ts'
import type { Samples } from './samples.ts'

const MISFITS = ['SHAPE_MISMATCH', 'LABEL_INVALID', 'TOKEN_INVALID']

/**
 * Throws TASK_MISMATCH unless `model`, compiled for a batch of any size, can learn from every sample of `dataset`: what
 * somebody publishes need not fit together, and a held-out part that fits says nothing of the rest. The parameters do not matter.
 */
export function assertTask(model: Model, dataset: Dataset): void {
  const { x, y } = extremeSample(dataset)
  const { input, layers, loss } = model.document
  let targets: number
  try {
    const { predictions } = model.evaluate(x, y, 1)
    targets = loss === 'mse' ? model.logits(x, 1).length : predictions.length
  } catch (error) {
    if (!(error instanceof HydraError) || !MISFITS.includes(error.code)) throw error
    throw mismatch(error.message)
  }
  // Evaluating takes what it needs of a longer sample, training takes none.
  if (y.length !== targets) throw mismatch(`samples have ${y.length} labels, but the model learns ${targets}`)
  if (x.length !== input.reduce((size, length) => size * length, 1)) {
    throw mismatch(`samples have ${x.length} values, but the model takes [${input}]`)
  }
  if ((layers[0]?.type === 'embedding') !== (dataset.format === TEXT_FORMAT)) {
    throw mismatch('text needs a model that begins with an embedding, and nothing else does')
  }
}

/** A sample as long as any, with the greatest token and the greatest label, and a place that is left out. */
function extremeSample(dataset: Dataset): Samples {
  if (dataset.format === TEXT_FORMAT) {
    const { context, vocabulary } = dataset
    const y = new Int32Array(context).fill(-1)
    y[context - 1] = vocabulary - 1
    return { x: new Int32Array(context).fill(vocabulary - 1), y }
  }
  const { classes } = dataset
  const x = new Float32Array(dataset.format === IMAGE_FORMAT ? imageSizeOf(dataset) : dataset.features)
  return { x, y: classes === 0 ? Float32Array.of(0) : Int32Array.of(classes - 1) }
}

function mismatch(what: string): HydraError {
  return new HydraError('TASK_MISMATCH', `The model does not fit its data: ${what}.`, {
    advice: 'Use a document whose input and output are those of the data, or a preset.',
  })
}
