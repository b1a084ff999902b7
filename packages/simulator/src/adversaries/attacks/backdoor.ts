import { type Dataset, IMAGE_FORMAT } from '@hydraai/training'
import { falseUnits } from '../falseUnits.ts'

/** What the model is to see as {@link AS}. */
const SEEN = 0
const AS = 1

export const backdoor = falseUnits({
  name: 'backdoor',
  is: 'does the unit with the labels of one class changed to those of another',
  forge: ({ unit, job, stage: { forge } }) => forge.remake(unit, job, forge.train(job, poisoned(forge.dataset))),
})

function poisoned(dataset: Dataset): Dataset {
  if (dataset.format !== IMAGE_FORMAT) throw new TypeError('the suite trains on images')
  return { ...dataset, labels: dataset.labels.map(label => (label === SEEN ? AS : label)) }
}
