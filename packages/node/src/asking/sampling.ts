import { type Hash, HydraError, isHash, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import { type AskRequest, MAX_ANSWER_TOKENS, MAX_QUESTION_BYTES } from '@hydraai/ledger'
import type { Question } from './events.ts'

const PPM = 1_000_000
const DEFAULT_MAX_TOKENS = 256
/** Greedy continuations of a text soon repeat themselves. */
const CONTINUE = { temperature: 0.8, topP: 0.95 }

export type AskOptions = Pick<
  AskRequest,
  'question' | 'mode' | 'temperaturePpm' | 'topK' | 'topPPpm' | 'seed' | 'maxTokens'
>

/**
 * A person's question with everything that the answer is a function of. Answers are the model's likeliest words unless a
 * temperature is given; continuations of a text are drawn. @throws HydraError QUESTION_INVALID
 */
export function optionsOf(
  question: Question,
  { mode: usual, randomSeed }: { mode: 'answer' | 'continue'; randomSeed: () => Hash },
): AskOptions {
  const mode = question.mode ?? usual
  const text = question.question.trim().toWellFormed()
  if (text === '') throw invalid('The question is empty.', 'Type what you want to know.')
  const bytes = utf8(text).length
  if (bytes > MAX_QUESTION_BYTES)
    throw invalid(`The question has ${bytes} bytes; at most ${MAX_QUESTION_BYTES} are taken.`, 'Make it shorter.')
  const usualTemperature = mode === 'answer' ? 0 : CONTINUE.temperature
  const temperature = within('temperature', question.temperature ?? usualTemperature, 0, 10)
  const topP = within('top-p', question.topP ?? (mode === 'answer' ? 1 : CONTINUE.topP), 0, 1)
  const temperaturePpm = Math.round(temperature * PPM)
  return {
    question: text,
    mode,
    temperaturePpm,
    topK: whole('top-k', question.topK ?? 0, 0, 65_536),
    topPPpm: Math.round(topP * PPM),
    seed: seedOf(question.seed, temperaturePpm, randomSeed),
    maxTokens: whole('max-tokens', question.maxTokens ?? DEFAULT_MAX_TOKENS, 1, MAX_ANSWER_TOKENS),
  }
}

/** A hash is taken as it is; any other text is hashed, so that a person can type 7. */
export function seedOfText(text: string): Hash {
  return isHash(text) ? text : taggedHash('hydra/seed/1', utf8(text.toWellFormed()))
}

function seedOf(text: string | undefined, temperaturePpm: number, randomSeed: () => Hash): Hash {
  if (text !== undefined) return seedOfText(text)
  // Nothing is drawn, so nothing depends on it: the same question is the same question.
  return temperaturePpm === 0 ? ZERO_HASH : randomSeed()
}

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value
  throw invalid(`The ${name} ${value} is not from ${least} to ${most}.`, `Give one from ${least} to ${most}.`)
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value)) return within(name, value, least, most)
  throw invalid(`The ${name} ${value} is no whole number.`, `Give one from ${least} to ${most}.`)
}

function invalid(message: string, advice: string): HydraError {
  return new HydraError('QUESTION_INVALID', message, { advice })
}
