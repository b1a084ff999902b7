import type { Address, Hash } from '@hydraai/core'
import type { AnswerFile } from './answerFile.ts'

/** A question as a person puts it; what is left out takes its default. */
export interface Question {
  readonly question: string
  /** The only model that can be asked, or `hydra-gpt`. */
  readonly model?: string | undefined
  /** 0 takes the likeliest token always. */
  readonly temperature?: number | undefined
  readonly topK?: number | undefined
  readonly topP?: number | undefined
  /** A hash, or any text that one is made of. */
  readonly seed?: string | undefined
  readonly maxTokens?: number | undefined
  readonly mode?: 'answer' | 'continue' | undefined
}

/** How an asked question goes on, in order: start, text…, end, paid. An error may come at any point and is the last. */
export type AskEvent =
  | {
      readonly type: 'start'
      readonly model: string
      readonly version: number
      readonly server: Address
      readonly serverName: string
      readonly seed: Hash
      /** HYDRA, as text. */
      readonly cost: string
    }
  /** `tokens`: how many have come so far. */
  | { readonly type: 'text'; readonly text: string; readonly tokens: number }
  | {
      readonly type: 'end'
      readonly tokens: number
      readonly ended: 'end' | 'length'
      readonly answer: AnswerFile
    }
  | { readonly type: 'paid'; readonly transaction: Hash; readonly cost: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly advice?: string }
