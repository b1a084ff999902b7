import type { AnswerJob, AnswerModel, Generated } from './answering.ts'

/** What a node asks of its answering thread. A stop names the ticket of the answer that it ends. */
export type AnswerRequest = { readonly ticket: number } & (
  | { readonly kind: 'load'; readonly model: AnswerModel }
  | { readonly kind: 'generate'; readonly job: AnswerJob }
  | { readonly kind: 'stop' }
)

export type AnswerReply =
  | { readonly kind: 'started' }
  | ({ readonly ticket: number } & (
      | { readonly kind: 'tokens'; readonly tokens: readonly number[] }
      | { readonly kind: 'done'; readonly result: Generated | undefined; readonly cpuMs: number }
      | { readonly kind: 'failed'; readonly code: string; readonly message: string }
    ))
