import type { ModelRow } from './shapes.ts'

/** 1234567 as "1,234,567", in every locale. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Bytes in the largest unit of which there is one at least. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  let unit = 0
  let size = bytes
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

export function secondsText(milliseconds: number): string {
  const seconds = milliseconds / 1000
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`
}

/** How good a model is, in the measure of its kind. */
export function scoreText({ evaluation }: Pick<ModelRow, 'evaluation'>): string {
  const { accuracy, correct, loss } = evaluation
  if (loss === null) return 'not founded yet'
  // A number that is predicted is never right or wrong.
  const hits = correct > 0 ? `${(accuracy * 100).toFixed(1)} % right, ` : ''
  return `${hits}loss ${loss.toFixed(4)}`
}
