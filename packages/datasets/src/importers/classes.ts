import { DATASET_LIMITS } from '@hydraai/training'
import { dataError, type ImportReport, tooLarge } from './importer.ts'
import type { Split } from './split.ts'

/** The classes with their counts. @throws HydraError DATA_INVALID unless there are two classes of two samples at least */
export function checkClasses(
  where: string,
  classNames: readonly string[],
  labels: ArrayLike<number>,
): ImportReport['classes'] {
  const counts = countsOf(
    classNames.length,
    labels,
    Array.from(labels, (_, i) => i),
  )
  if (classNames.length > DATASET_LIMITS.classes) {
    throw tooLarge(where, `it has ${classNames.length} classes`, `Give at most ${DATASET_LIMITS.classes}.`)
  }
  if (classNames.length < 2) throw dataError(where, 'it has one class only', 'Give at least two classes.')
  const small = classNames.findIndex((_, label) => counts[label]! < 2)
  if (small >= 0) {
    throw dataError(
      where,
      `class "${classNames[small]}" has ${counts[small]} samples`,
      'Give each class at least two samples, or leave it out.',
    )
  }
  return classNames.map((name, label) => ({ name, count: counts[label]! }))
}

/** A class that lies on one side of the split only, which small ones may. */
export function lonelyClassWarnings(classNames: readonly string[], labels: ArrayLike<number>, split: Split): string[] {
  const [trained, judged] = [split.train, split.heldOut].map(side => countsOf(classNames.length, labels, side))
  return classNames.flatMap((name, label) => {
    if (trained![label] === 0) return [`All samples of "${name}" are held out: it cannot be learnt. Give more of them.`]
    if (judged![label] === 0) return [`No sample of "${name}" is held out: it is learnt, but not judged.`]
    return []
  })
}

function countsOf(classes: number, labels: ArrayLike<number>, indices: readonly number[]): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const index of indices) counts[labels[index]!]! += 1
  return counts
}
