import type { AskEvent, Question } from '@hydraai/node'

/** What `--json` and the interactive session need to know of an answer, wherever it came from. */
export type AnswerEvent =
  | AskEvent
  | {
      readonly type: 'local-start'
      readonly model: string
      readonly version: number
      readonly from: string
      readonly seed: string
    }
  | { readonly type: 'local-end'; readonly tokens: number; readonly ended: string; readonly tokensPerSecond: number }

/** Where answers come from: the network, through a running node, or this process. */
export interface Answers {
  /** Model ids that can be asked, for a person. */
  models(): Promise<string[]>
  /** Ends early when the signal aborts; an error is an event. */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<AnswerEvent>
}
