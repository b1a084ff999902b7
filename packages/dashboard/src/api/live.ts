const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 15_000

/** What the stream carries; each `data:` is the JSON of the matching GET. */
export const liveEvents = ['block', 'status', 'training', 'log', 'peers', 'model'] as const
export type LiveEvent = (typeof liveEvents)[number]

export interface LiveHandlers {
  /** The stream is open; everything missed while it was not must be fetched again. */
  onOpen(): void
  onLost(): void
  onEvent(name: LiveEvent, data: unknown): void
}

/**
 * One EventSource for the whole page. A broken stream is opened again after 1 s, then 2, 4 … 15 s: by hand, because a
 * browser gives up for good on some failures. Returns what closes it.
 */
export function connectLive(path: string, handlers: LiveHandlers): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let retryMs = FIRST_RETRY_MS
  let closed = false

  const open = () => {
    if (closed) return
    const mine = new EventSource(path)
    source = mine
    mine.onopen = () => {
      retryMs = FIRST_RETRY_MS
      handlers.onOpen()
    }
    mine.onerror = () => {
      mine.close()
      if (closed || source !== mine) return
      source = null
      handlers.onLost()
      timer = setTimeout(open, retryMs)
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
    }
    for (const name of liveEvents) {
      mine.addEventListener(name, event => {
        try {
          handlers.onEvent(name, JSON.parse((event as MessageEvent<string>).data))
        } catch (error) {
          console.warn(`A live “${name}” message was not understood.`, error)
        }
      })
    }
  }
  open()
  return () => {
    closed = true
    clearTimeout(timer)
    source?.close()
  }
}
