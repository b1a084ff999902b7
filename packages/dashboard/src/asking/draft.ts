import { microOf, showAmount } from '../model/amounts.ts'

export const MAX_QUESTION_BYTES = 2_000
export const MAX_TOKENS = 1_024

/** What `POST /api/ask` takes; what is left out takes the node's usual value. */
export interface Question {
  readonly question: string
  readonly model: string
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
  readonly seed?: string
  readonly maxTokens?: number
}

/** As typed. */
export interface Draft {
  readonly question: string
  readonly temperature: string
  readonly topK: string
  readonly topP: string
  readonly seed: string
  readonly maxTokens: string
}
export type DraftErrors = { readonly [K in keyof Draft]?: string }

export const blankDraft: Draft = { question: '', temperature: '', topK: '', topP: '', seed: '', maxTokens: '' }

const ranges = {
  temperature: { least: 0, most: 10, whole: false },
  topK: { least: 0, most: 65_536, whole: true },
  topP: { least: 0, most: 1, whole: false },
  maxTokens: { least: 1, most: MAX_TOKENS, whole: true },
} as const

type NumberField = keyof typeof ranges

/** Checks a question before anything is sent; the node checks again. */
export function checkDraft(
  draft: Draft,
  model: string,
): { readonly question: Question | null; readonly errors: DraftErrors } {
  const errors: Record<string, string> = {}
  const text = draft.question.trim()
  const bytes = new TextEncoder().encode(text).length
  if (text === '') errors.question = 'Type what you want to know, for example: What is machine learning?'
  else if (bytes > MAX_QUESTION_BYTES)
    errors.question = `A question has at most ${MAX_QUESTION_BYTES} bytes; this has ${bytes}.`
  const numbers: Record<string, number> = {}
  for (const field of Object.keys(ranges) as NumberField[]) {
    const typed = draft[field].trim().replace(/^\./, '0.')
    if (typed === '') continue
    const { least, most, whole } = ranges[field]
    const value = Number(typed)
    const isFine = /^\d+(\.\d+)?$/.test(typed) && value >= least && value <= most && (!whole || Number.isInteger(value))
    if (isFine) numbers[field] = value
    else errors[field] = `Write a ${whole ? 'whole ' : ''}number from ${least} to ${most}, or nothing.`
  }
  if (Object.keys(errors).length > 0) return { question: null, errors }
  const seed = draft.seed.trim()
  return { question: { question: text, model, ...numbers, ...(seed === '' ? {} : { seed }) }, errors: {} }
}

/** Why this wallet cannot pay for an answer, and what to do about it; null when it can, or when that is not known. */
export function shortageOf(price: string, balance: string | null): string | null {
  const cost = microOf(price)
  const held = balance === null ? null : microOf(balance)
  if (cost === null || held === null || held >= cost) return null
  return `An answer costs ${showAmount(price)} HYDRA, and this wallet has ${showAmount(balance ?? '0')}. Let the node train: each verified unit earns 1.0 HYDRA.`
}
