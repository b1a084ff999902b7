import type { AnswerEvent } from './answers.ts'

/** All that was said of one answer. */
export interface AnswerOutcome {
  text: string
  start: Extract<AnswerEvent, { type: 'start' }> | Extract<AnswerEvent, { type: 'local-start' }> | null
  end: Extract<AnswerEvent, { type: 'end' }> | Extract<AnswerEvent, { type: 'local-end' }> | null
  paid: Extract<AnswerEvent, { type: 'paid' }> | null
  error: Extract<AnswerEvent, { type: 'error' }> | null
}

/** Follows an answer to its end; `onText` hears of the words as they come. */
export async function followAnswer(
  events: AsyncIterable<AnswerEvent>,
  onText: (text: string) => void,
): Promise<AnswerOutcome> {
  const outcome: AnswerOutcome = { text: '', start: null, end: null, paid: null, error: null }
  for await (const event of events) {
    switch (event.type) {
      case 'start':
      case 'local-start':
        outcome.start = event
        break
      case 'text':
        outcome.text += event.text
        if (event.text !== '') onText(event.text)
        break
      case 'end':
      case 'local-end':
        outcome.end = event
        break
      case 'paid':
        outcome.paid = event
        break
      case 'error':
        outcome.error = event
        break
    }
  }
  return outcome
}

const ENDINGS: Readonly<Record<string, string>> = { end: 'whole', length: 'cut at its longest', stopped: 'stopped' }

/** Facts of an answer for a person, a line each: name and value. */
export function factsOf({ start, end, paid }: AnswerOutcome): [name: string, value: string][] {
  const facts: [string, string][] = []
  if (start) facts.push(['model', `${start.model}, version ${start.version}`])
  if (start?.type === 'local-start') facts.push(['from', start.from])
  if (start?.type === 'start') facts.push(['server', `${start.serverName}, ${start.server}`])
  if (end)
    facts.push(['answer', `${end.tokens} ${end.tokens === 1 ? 'token' : 'tokens'}, ${ENDINGS[end.ended] ?? end.ended}`])
  if (end?.type === 'local-end') facts.push(['cost', 'nothing: answered here'])
  if (paid) facts.push(['cost', `${paid.cost} HYDRA, transaction ${paid.transaction}`])
  else if (end?.type === 'end') facts.push(['cost', 'nothing: the answer is empty'])
  if (end?.type === 'end') facts.push(['receipt', `${end.answer.receipt.request}, signed by the server`])
  if (end?.type === 'end' && end.answer.request.temperaturePpm > 0) facts.push(['seed', end.answer.request.seed])
  return facts
}
