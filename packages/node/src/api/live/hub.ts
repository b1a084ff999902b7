import type { ServerResponse } from 'node:http'

export const LIVE_EVENTS = ['block', 'status', 'training', 'log', 'peers', 'model'] as const
export type LiveEvent = (typeof LIVE_EVENTS)[number]

export const MAX_STREAMS = 32
/** A reader that lets this much pile up is cut off; it may connect again and ask for what it missed. */
const MAX_BACKLOG_BYTES = 1_048_576
const HEARTBEAT_MS = 15_000

/** The open event streams. Bounded in number and in what each may hold back. */
export class StreamHub {
  readonly #streams = new Set<ServerResponse>()
  #heartbeat: NodeJS.Timeout | undefined

  get size(): number {
    return this.#streams.size
  }

  get isFull(): boolean {
    return this.#streams.size >= MAX_STREAMS
  }

  /** Takes over a response whose head has been written. */
  add(stream: ServerResponse): void {
    this.#streams.add(stream)
    stream.on('close', () => this.#remove(stream))
    stream.on('error', () => this.#remove(stream))
    stream.write(': connected\n\n')
    this.#heartbeat ??= setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS).unref()
  }

  send(event: LiveEvent, data: unknown): void {
    if (this.#streams.size > 0) this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  close(): void {
    for (const stream of [...this.#streams]) {
      stream.end()
      stream.destroy()
      this.#remove(stream)
    }
  }

  #write(text: string): void {
    for (const stream of [...this.#streams]) {
      if (stream.writableLength > MAX_BACKLOG_BYTES) stream.destroy()
      else stream.write(text)
    }
  }

  #remove(stream: ServerResponse): void {
    this.#streams.delete(stream)
    if (this.#streams.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }
}
