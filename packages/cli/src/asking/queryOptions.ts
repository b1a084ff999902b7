import { HydraError } from '@hydraai/core'
import type { Question } from '@hydraai/node'

/** The flags that say how a question is put. */
export interface QueryFlags {
  /** True for a session, or the question. */
  readonly query?: string | true
  readonly local?: true
  readonly model?: string
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
  readonly seed?: string
  readonly maxTokens?: number
  readonly save?: string
}

const ONLY_WITH_QUERY = ['local', 'model', 'temperature', 'topK', 'topP', 'seed', 'maxTokens', 'save'] as const

/** @throws HydraError OPTION_INVALID for flags that speak of a question without one */
export function refuseStrayQueryFlags(flags: QueryFlags): void {
  if (flags.query !== undefined) return
  const stray = ONLY_WITH_QUERY.find(name => flags[name] !== undefined)
  if (stray === undefined) return
  const flag = `--${stray.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
  throw new HydraError('OPTION_INVALID', `${flag} says how a question is put, but there is none.`, {
    advice: 'Add --query.',
  })
}

/** All but the text of the question. */
export function samplingOf({
  model,
  temperature,
  topK,
  topP,
  seed,
  maxTokens,
}: QueryFlags): Omit<Question, 'question'> {
  return { model, temperature, topK, topP, seed, maxTokens }
}
