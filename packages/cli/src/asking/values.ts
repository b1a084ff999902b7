import { HydraError } from '@hydraai/core'

/** Parsers of what stands behind the flags of a question. Each throws OPTION_INVALID with what it would have taken. */

const MAX_QUESTION_CHARS = 2_000
const NAME = /^[a-z0-9-]{1,32}$/

export function parseQuestion(text: string): string {
  const question = text.trim()
  if (question === '' || question.length > MAX_QUESTION_CHARS)
    throw new HydraError('OPTION_INVALID', `A question has 1 to ${MAX_QUESTION_CHARS} characters.`)
  return question
}

export function parseModel(text: string): string {
  if (!NAME.test(text)) throw invalid(text, 'the name of a model: 1 to 32 lower-case letters, digits and "-"')
  return text
}

export const parseTemperature = (text: string): number => parseNumber(text, 0, 10, 'a temperature from 0 to 10')
export const parseTopP = (text: string): number => parseNumber(text, 0, 1, 'a share from 0 to 1')
export const parseTopK = (text: string): number => parseWhole(text, 0, 65_536, 'a number of tokens, 0 for all')
export const parseMaxTokens = (text: string): number => parseWhole(text, 1, 1_024, 'a number of tokens from 1 to 1024')

function parseNumber(text: string, least: number, most: number, hint: string): number {
  const value = /^(\d{1,9}|\d{0,9}\.\d{1,9})$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw invalid(text, hint)
  return value
}

function parseWhole(text: string, least: number, most: number, hint: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw invalid(text, hint)
  return value
}

function invalid(text: string, hint: string): HydraError {
  return new HydraError('OPTION_INVALID', `${JSON.stringify(text.slice(0, 80))} is not ${hint}.`)
}
