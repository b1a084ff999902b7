import {
  amount,
  list,
  nullable,
  number,
  object,
  oneOf,
  or,
  type Parse,
  type Parsed,
  record,
  text,
} from '../api/parse.ts'

/** A model that can be asked now, by how many servers, and what an answer costs. */
export const askable = object({ model: text, version: number, servers: number, price: amount })
export type Askable = Parsed<typeof askable>
export const askInfo = object({ models: list(askable, 64) })

const start = object({
  model: text,
  version: number,
  server: text,
  serverName: nullable(text),
  seed: text,
  cost: amount,
})
const part = object({ text, tokens: number })
const end = object({ tokens: number, ended: oneOf('end', 'length', 'stopped'), answer: record })
const paid = object({ transaction: text, cost: nullable(amount) })
const failure = object({ code: text, message: text, advice: nullable(text) })

/**
 * What an answer is made of as it comes: start, text…, end, paid. An error may come at any point and is the last. The
 * answer of `end` is the file that proves it, kept as the node gave it.
 */
export type AskEvent =
  | ({ readonly type: 'start' } & Parsed<typeof start>)
  | ({ readonly type: 'text' } & Parsed<typeof part>)
  | ({ readonly type: 'end' } & Parsed<typeof end>)
  | ({ readonly type: 'paid' } & Parsed<typeof paid>)
  | ({ readonly type: 'error' } & Parsed<typeof failure>)

const kind = object({ type: or(text, '') })

/** Null for an event that this page does not know: a newer node may say more. */
export const askEvent: Parse<AskEvent | null> = (value, path) => {
  switch (kind(value, path).type) {
    case 'start':
      return { type: 'start', ...start(value, path) }
    case 'text':
      return { type: 'text', ...part(value, path) }
    case 'end':
      return { type: 'end', ...end(value, path) }
    case 'paid':
      return { type: 'paid', ...paid(value, path) }
    case 'error':
      return { type: 'error', ...failure(value, path) }
    default:
      return null
  }
}
