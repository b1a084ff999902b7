import { useEffect, useRef, useState } from 'react'
import { RequestError, sentenceOf } from '../api/client.ts'
import type { AskEvent } from './askEvents.ts'
import { askNode } from './askNode.ts'
import type { Question } from './draft.ts'
import { advance, begin, close, type Exchange, fail } from './exchange.ts'

/** Exchanges that the page remembers, the newest. */
const MAX_EXCHANGES = 20
/** Words that come within a moment are drawn together. */
const GATHER_MS = 50

export interface Exchanges {
  /** Newest first. */
  readonly all: readonly Exchange[]
  ask(token: string, question: Question): Promise<void>
  /** Stops the answer under way; once it is whole there is nothing to stop. */
  stop(): void
}

/** The questions of this page and their answers, in memory only: gone with the page. One is under way at a time. */
export function useExchanges(): Exchanges {
  const [all, setAll] = useState<readonly Exchange[]>([])
  const running = useRef<AbortController | null>(null)
  const count = useRef(0)
  useEffect(() => () => running.current?.abort(), [])

  const ask = async (token: string, question: Question) => {
    if (running.current !== null) return
    const stopper = new AbortController()
    running.current = stopper
    count.current += 1
    const key = count.current
    const change = (next: (exchange: Exchange) => Exchange) =>
      setAll(held => held.map(exchange => (exchange.key === key ? next(exchange) : exchange)))
    setAll(held => [begin(key, question), ...held].slice(0, MAX_EXCHANGES))
    const events = gathering<AskEvent>(GATHER_MS, some => change(exchange => some.reduce(advance, exchange)))
    try {
      await askNode({ token, question, signal: stopper.signal }, events.push)
      events.flush()
      change(exchange => close(exchange, false))
    } catch (error) {
      events.flush()
      change(exchange => (stopper.signal.aborted ? close(exchange, true) : fail(exchange, failureOf(error))))
    }
    running.current = null
  }
  const stop = () => {
    if (all[0]?.ended === null) running.current?.abort()
  }
  return { all, ask, stop }
}

function failureOf(error: unknown) {
  if (error instanceof RequestError) return { code: error.code, message: error.message, advice: error.advice }
  return { code: 'PAGE', message: sentenceOf(error), advice: null }
}

/** Hands on what comes in handfuls, at most one every `ms`; nothing runs while nothing comes. */
function gathering<T>(ms: number, handOn: (items: readonly T[]) => void): { push(item: T): void; flush(): void } {
  let items: T[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const handful = items
    items = []
    if (handful.length > 0) handOn(handful)
  }
  return {
    push(item) {
      items.push(item)
      timer ??= setTimeout(flush, ms)
    },
    flush,
  }
}
