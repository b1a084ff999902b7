import type { ModelHistory, ModelRow, VersionPoint } from '../api/shapes.ts'
import { groupDigits, showLoss, showPercent } from './amounts.ts'
import type { TermName } from './words.ts'

/** What a model is asked to do, which decides how well it does is told. */
export type Task = 'images' | 'classes' | 'values' | 'text'

/** From what the row says, and from the model's own document where it is known. */
export function taskOf({ kind, tokenizer }: Pick<ModelRow, 'kind' | 'tokenizer'>, detail?: ModelHistory): Task {
  if (kind === 'text' || (kind === null && tokenizer !== null)) return 'text'
  if (detail?.document?.loss === 'mse') return 'values'
  return kind === 'table' ? 'classes' : 'images'
}

/** One way to measure a version: of its accuracy and its loss, the number that people compare. */
export interface Measure {
  readonly name: string
  readonly term: TermName
  /** What one point of the curve is. */
  readonly line: string
  readonly show: (value: number) => string
  readonly showTick: (value: number) => string
  readonly valueOf: (score: { readonly accuracy: number; readonly loss: number | null }) => number | null
  readonly range: ((min: number, max: number) => [number, number]) | undefined
}

/** A share on the axis: whole percents, unless the curve is so flat that they would repeat. */
const showShare = (share: number): string =>
  showPercent(share, Math.abs(share * 100 - Math.round(share * 100)) < 1e-6 ? 0 : 1)

/** The span of accuracies to draw: all of the curve with some air, never outside 0 to 100 %. */
export function accuracyRange(min: number, max: number): [number, number] {
  const air = Math.max((max - min) * 0.1, 0.005)
  return [Math.max(0, min - air), Math.min(1, max + air)]
}

const accuracy = (name: string, term: TermName, line: string): Measure => ({
  name,
  term,
  line,
  show: value => showPercent(value),
  showTick: showShare,
  valueOf: score => score.accuracy,
  range: accuracyRange,
})

const measures: Record<Task, Measure> = {
  images: accuracy('Accuracy', 'accuracy', 'held-out images named right'),
  classes: accuracy('Accuracy', 'accuracy', 'held-out rows named right'),
  text: accuracy('Next token right', 'nextToken', 'held-out next tokens guessed right'),
  values: {
    name: 'Mean squared error',
    term: 'squaredError',
    line: 'mean squared error on held-out rows, lower is better',
    show: showLoss,
    showTick: showLoss,
    valueOf: score => score.loss,
    range: undefined,
  },
}

export const measureOf = (task: Task): Measure => measures[task]

/** The curve's columns, oldest version first. A version that was not measured leaves a gap. */
export function scoreColumns(history: readonly VersionPoint[], measure: Measure): [number[], (number | null)[]] {
  const ordered = history.toSorted((a, b) => a.version - b.version)
  return [ordered.map(({ version }) => version), ordered.map(measure.valueOf)]
}

export function scoreSummary(history: readonly VersionPoint[], measure: Measure): string {
  const [versions, values] = scoreColumns(history, measure)
  const first = values.findIndex(value => value !== null)
  const last = values.findLastIndex(value => value !== null)
  if (last < 0) return `${measure.name}: a curve without points.`
  const at = (place: number) => `${measure.show(values[place] ?? 0)} at version ${versions[place]}`
  return `${measure.name} from ${at(first)} to ${at(last)}.`
}

/**
 * How many equally likely tokens the model is as unsure as: exp of the mean loss in nats. Null where that is no number
 * that a person could use.
 */
export function perplexityOf(loss: number | null): number | null {
  const perplexity = loss === null ? Number.NaN : Math.exp(loss)
  return perplexity < 1e6 ? perplexity : null
}

/** `2.81`, `23.4`, `1,204`. */
export const showPerplexity = (perplexity: number): string =>
  perplexity >= 100 ? groupDigits(Math.round(perplexity)) : perplexity.toFixed(perplexity >= 10 ? 1 : 2)

/** The newest measure in one short text for a list; null before anything was measured. */
export function scoreWords({ evaluation }: Pick<ModelRow, 'evaluation'>, task: Task): string | null {
  if (evaluation === null || evaluation.total === 0) return null
  const measure = measureOf(task)
  const value = measure.valueOf(evaluation)
  if (task !== 'text')
    return value === null ? null : task === 'values' ? `error ${measure.show(value)}` : measure.show(value)
  const perplexity = perplexityOf(evaluation.loss)
  return perplexity === null ? measure.show(evaluation.accuracy) : `perplexity ${showPerplexity(perplexity)}`
}

export const taskWords: Record<Task, string> = {
  images: 'names images',
  classes: 'sorts table rows',
  values: 'predicts numbers',
  text: 'writes text',
}
