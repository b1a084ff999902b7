import { RequestError, refusalOfText } from '../api/client.ts'
import { type AskEvent, askEvent } from './askEvents.ts'
import type { Question } from './draft.ts'
import { readLines } from './readLines.ts'

const PATH = '/api/ask'

/**
 * Puts a question to the node and hands on what comes, in order. Resolves when the stream ended; aborting the signal
 * stops the answer. @throws RequestError, AnswerError, and the abort
 */
export async function askNode(
  { token, question, signal }: { token: string; question: Question; signal: AbortSignal },
  onEvent: (event: AskEvent) => void,
): Promise<void> {
  let response: Response
  try {
    response = await fetch(PATH, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(question),
      cache: 'no-store',
      credentials: 'omit',
      signal,
    })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw unreachable()
  }
  if (!response.ok) throw refusalOfText(await response.text(), response.status)
  if (response.body === null) throw new RequestError('NOT_JSON', 'The node answered with nothing.')
  const lines = readLines(response.body)
  for (;;) {
    const line = await lines.next().catch(cause => {
      throw signal.aborted || !(cause instanceof TypeError) ? cause : unreachable()
    })
    if (line.done) return
    const event = askEvent(jsonOf(line.value), 'answer')
    if (event !== null) onEvent(event)
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new RequestError('NOT_JSON', 'The node sent something that is no answer.')
  }
}

const unreachable = () =>
  new RequestError('UNREACHABLE', 'The connection to your node broke.', 0, 'See that it is still running.')
