import type { AskEvent } from './askEvents.ts'
import type { Question } from './draft.ts'

/** How far an answer has come. */
export type Phase = 'asking' | 'answering' | 'paying' | 'done' | 'stopped' | 'failed'

/** One question, and its answer as far as it has come. */
export interface Exchange {
  readonly key: number
  readonly question: Question
  readonly phase: Phase
  readonly text: string
  readonly tokens: number
  readonly start: Extract<AskEvent, { type: 'start' }> | null
  readonly ended: 'end' | 'length' | 'stopped' | null
  /** The answer with its receipt, as the node gave it; null until it is whole. */
  readonly file: Readonly<Record<string, unknown>> | null
  readonly transaction: string | null
  readonly cost: string | null
  readonly failure: Failure | null
}

export interface Failure {
  readonly code: string
  readonly message: string
  readonly advice: string | null
}

export const begin = (key: number, question: Question): Exchange => ({
  key,
  question,
  phase: 'asking',
  text: '',
  tokens: 0,
  start: null,
  ended: null,
  file: null,
  transaction: null,
  cost: null,
  failure: null,
})

export const isRunning = ({ phase }: Exchange): boolean =>
  phase === 'asking' || phase === 'answering' || phase === 'paying'

/** The exchange after one more event. What comes after the end of it changes nothing. */
export function advance(exchange: Exchange, event: AskEvent): Exchange {
  if (!isRunning(exchange)) return exchange
  switch (event.type) {
    case 'start':
      return { ...exchange, phase: 'answering', start: event, cost: event.cost }
    case 'text':
      return { ...exchange, phase: 'answering', text: exchange.text + event.text, tokens: event.tokens }
    case 'end': {
      const whole = event.answer.text
      return {
        ...exchange,
        phase: 'paying',
        text: typeof whole === 'string' ? whole : exchange.text,
        tokens: event.tokens,
        ended: event.ended,
        file: event.answer,
      }
    }
    case 'paid':
      return { ...exchange, phase: 'done', transaction: event.transaction, cost: event.cost ?? exchange.cost }
    case 'error':
      return fail(exchange, event)
  }
}

export function fail(exchange: Exchange, { code, message, advice }: Failure): Exchange {
  return isRunning(exchange) ? { ...exchange, phase: 'failed', failure: { code, message, advice } } : exchange
}

/** Somebody stopped it, or its stream ended before it did. */
export function close(exchange: Exchange, stopped: boolean): Exchange {
  if (!isRunning(exchange)) return exchange
  // Nothing said is nothing owed.
  if (exchange.ended !== null && exchange.tokens === 0) return { ...exchange, phase: 'done' }
  // Once the answer is whole there is nothing to be stopped, only a payment that was not heard of.
  if (stopped && exchange.ended === null) return { ...exchange, phase: 'stopped' }
  return fail(exchange, {
    code: 'BROKEN_OFF',
    message:
      exchange.ended === null
        ? 'Your node ended the answer before it was whole.'
        : 'Your node did not say whether it paid.',
    advice: exchange.ended === null ? 'Ask again.' : null,
  })
}

/** What is known of the payment: the transaction, that there was none, or only where to look. */
export type Payment = { readonly transaction: string } | 'none' | 'unknown' | 'open'

export function paymentOf(exchange: Exchange): Payment {
  if (exchange.transaction !== null) return { transaction: exchange.transaction }
  if (isRunning(exchange)) return 'open'
  // A node pays only for a whole answer.
  return exchange.ended === null || exchange.phase === 'done' ? 'none' : 'unknown'
}

/** What a screen reader hears: one sentence when it begins and the whole when it ends, nothing in between. */
export function announcementOf(exchange: Exchange | undefined): string {
  if (exchange === undefined) return ''
  switch (exchange.phase) {
    case 'asking':
      return 'Asked. Waiting for a server.'
    case 'answering':
      return 'The answer is coming.'
    case 'paying':
    case 'done':
      return `Answer: ${exchange.text}`
    case 'stopped':
      return 'Stopped. Nothing was paid.'
    case 'failed':
      return `No answer. ${exchange.failure?.message ?? ''}`
  }
}
