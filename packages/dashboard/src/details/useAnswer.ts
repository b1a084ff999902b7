import { useEffect, useState } from 'react'
import { sentenceOf } from '../api/client.ts'

export type Answer<T> =
  | { readonly state: 'asking' }
  | { readonly state: 'here'; readonly value: T }
  | { readonly state: 'failed'; readonly why: string }

/**
 * One GET for something shown in detail, asked again when `key` or `again` changes; an answer that comes too late is
 * dropped, and while it is asked again the last one stays.
 */
export function useAnswer<T>(
  key: string,
  ask: (key: string, signal: AbortSignal) => Promise<T>,
  again: unknown = null,
): Answer<T> {
  const [answer, setAnswer] = useState<{ key: string; answer: Answer<T> }>({ key: '', answer: { state: 'asking' } })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is what makes it ask again
  useEffect(() => {
    const gone = new AbortController()
    ask(key, gone.signal).then(
      value => gone.signal.aborted || setAnswer({ key, answer: { state: 'here', value } }),
      error => gone.signal.aborted || setAnswer({ key, answer: { state: 'failed', why: sentenceOf(error) } }),
    )
    return () => gone.abort()
  }, [key, ask, again])
  return answer.key === key ? answer.answer : { state: 'asking' }
}
