import { HydraError } from '@hydraai/core'
import type { AskEvent, DataFolder, Question } from '@hydraai/node'
import { z } from 'zod'
import type { Answers } from './answers.ts'

/** A line is an answer file at most. */
const MAX_LINE_CHARS = 1_000_000
const infoShape = z.object({
  models: z.array(z.object({ model: z.string(), version: z.number(), servers: z.number(), price: z.string() })),
})
const errorShape = z.object({
  error: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }),
})
const EVENT_TYPES = new Set(['start', 'text', 'end', 'paid', 'error'])

/** Answers of the network, through the node that runs in a data folder. */
export class NodeAnswers implements Answers {
  readonly #folder: DataFolder
  readonly #api: { url: string; token: string }

  private constructor(folder: DataFolder, api: { url: string; token: string }) {
    this.#folder = folder
    this.#api = api
  }

  /** @throws HydraError NODE_NOT_RUNNING */
  static async open(folder: DataFolder): Promise<NodeAnswers> {
    const api = await folder.api()
    if (!api) throw notRunning(folder)
    const answers = new NodeAnswers(folder, api)
    await answers.models()
    return answers
  }

  async models(): Promise<string[]> {
    const response = await this.#fetch('/api/ask/info', {})
    return infoShape
      .parse(await response.json())
      .models.map(
        ({ model, version, servers }) =>
          `${model} (version ${version}, ${servers} ${servers === 1 ? 'server' : 'servers'})`,
      )
  }

  async *ask(question: Question, signal: AbortSignal): AsyncGenerator<AskEvent> {
    const response = await this.#fetch('/api/ask', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.#api.token}` },
      body: JSON.stringify(question),
      signal,
    })
    if (!response.ok) {
      const { error } = errorShape.parse(await response.json())
      yield { type: 'error', code: error.code, message: error.message, ...(error.advice && { advice: error.advice }) }
      return
    }
    let last: AskEvent | null = null
    try {
      for await (const line of linesOf(response.body!)) {
        last = eventOf(line)
        yield last
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof HydraError) throw error
      throw new HydraError('NODE_LOST', 'The node ended before the answer did.', {
        advice: 'See whether it still runs. An answer without its end is not paid for.',
        cause: error,
      })
    }
    if (last === null || last.type === 'start' || last.type === 'text')
      throw new HydraError('NODE_LOST', 'The node broke off the answer.', { advice: 'Nothing was paid. Ask again.' })
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.#api.url + path, init)
    } catch (error) {
      if (init.signal?.aborted) throw new HydraError('CANCELLED', 'Stopped.')
      throw notRunning(this.#folder, error)
    }
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const part of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (rest + part).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE_CHARS) throw new Error('a line is too long')
    yield* lines.filter(line => line !== '')
  }
}

/** The node is this person's own: its events are taken as they are, once they are events. */
function eventOf(line: string): AskEvent {
  const value: unknown = JSON.parse(line)
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type === 'string' && EVENT_TYPES.has(type)) return value as AskEvent
  throw new Error('the node sent what is no event')
}

function notRunning(folder: DataFolder, cause?: unknown): HydraError {
  return new HydraError('NODE_NOT_RUNNING', `No node runs in ${folder.path} any more.`, {
    advice: 'Start it in another terminal and ask again, or ask here with --local, for free and without a network.',
    cause,
  })
}
