import { describe, expect, it } from 'vitest'
import type { ModelHistory, VersionPoint } from '../api/shapes.ts'
import {
  accuracyRange,
  measureOf,
  perplexityOf,
  scoreColumns,
  scoreSummary,
  scoreWords,
  showPerplexity,
  taskOf,
} from './scores.ts'

const point = (version: number, accuracy: number, loss: number | null = null): VersionPoint => ({
  version,
  accuracy,
  loss,
  round: null,
  height: null,
  time: null,
  updates: null,
})
const withLoss = (loss: string): ModelHistory => ({ document: { loss }, documentId: null, history: [] })

describe('what a model is asked to do', () => {
  it('comes from its data, and for a table from the loss of its document', () => {
    expect(taskOf({ kind: 'images', tokenizer: null })).toBe('images')
    expect(taskOf({ kind: 'text', tokenizer: 'ab' })).toBe('text')
    expect(taskOf({ kind: null, tokenizer: 'ab' })).toBe('text')
    expect(taskOf({ kind: 'table', tokenizer: null }, withLoss('softmax-cross-entropy'))).toBe('classes')
    expect(taskOf({ kind: 'table', tokenizer: null }, withLoss('mse'))).toBe('values')
  })
})

describe('scores', () => {
  it('are a curve with the versions in order, and a gap where nothing was measured', () => {
    const history = [point(2, 0.9, 0.5), point(0, 0.1), point(1, 0.5, 0.7)]
    expect(scoreColumns(history, measureOf('images'))).toEqual([
      [0, 1, 2],
      [0.1, 0.5, 0.9],
    ])
    expect(scoreColumns(history, measureOf('values'))[1]).toEqual([null, 0.7, 0.5])
    expect(scoreSummary(history, measureOf('values'))).toBe(
      'Mean squared error from 0.700 at version 1 to 0.500 at version 2.',
    )
    expect(scoreSummary([point(0, 0)], measureOf('values'))).toMatch(/without points/)
  })

  it('are an accuracy for names, a perplexity for text, an error for numbers, and nothing before the first', () => {
    const evaluation = { accuracy: 0.5, correct: 5, total: 10, loss: 3 }
    expect(scoreWords({ evaluation }, 'classes')).toBe('50.0 %')
    expect(scoreWords({ evaluation }, 'text')).toBe('perplexity 20.1')
    expect(scoreWords({ evaluation }, 'values')).toBe('error 3.00')
    expect(scoreWords({ evaluation: { ...evaluation, total: 0 } }, 'text')).toBeNull()
    expect(scoreWords({ evaluation: { ...evaluation, loss: null } }, 'text')).toBe('50.0 %')
  })

  it('have a perplexity only where a person could use it', () => {
    expect(perplexityOf(0)).toBe(1)
    expect(perplexityOf(null)).toBeNull()
    expect(perplexityOf(800)).toBeNull()
    expect([2.811, 23.44, 1204.3].map(showPerplexity)).toEqual(['2.81', '23.4', '1,204'])
  })

  it('keep the accuracy axis within 0 and 100 %', () => {
    expect(accuracyRange(0, 1)).toEqual([0, 1])
    const [low, high] = accuracyRange(0.97, 0.97)
    expect(low).toBeLessThan(0.97)
    expect(high).toBeGreaterThan(0.97)
  })
})
