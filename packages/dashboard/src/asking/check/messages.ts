/** What the chain says of the model and version that answered; null where this page does not know it. */
export interface Known {
  readonly document: string | null
  readonly tokenizer: string | null
  readonly parameters: string | null
}

export interface Progress {
  /** Bytes that were fetched, or tokens that were run again. */
  readonly stage: 'loading' | 'running'
  readonly done: number
  readonly total: number | null
}

/**
 * - `same`: every token came out the same. `onChain`: and the parameters are those that the chain names.
 * - `lie`: the server signed what the model does not say.
 * - `altered`: the answer does not hold by itself, so it proves nothing about anybody.
 * - `misquoted`: the signed tokens are true, the text beside them is not what they say.
 */
export type Verdict =
  | { readonly result: 'same'; readonly reasons: readonly []; readonly tokens: number; readonly onChain: boolean }
  | { readonly result: 'lie' | 'altered' | 'misquoted'; readonly reasons: readonly string[] }

/** To the worker: one check, and nothing after it. */
export interface CheckRequest {
  readonly file: unknown
  readonly known: Known
}

/** From the worker. */
export type CheckMessage =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'failed'; readonly why: string }
