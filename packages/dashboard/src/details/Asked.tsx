import type { ReactNode } from 'react'
import { Empty } from '../parts/Panel.tsx'
import type { Answer } from './useAnswer.ts'

/** What was asked for, or why it is not there. */
export function Asked<T>({ answer, children }: { answer: Answer<T>; children: (value: T) => ReactNode }) {
  if (answer.state === 'asking') return <Empty title="Asking the node…" />
  if (answer.state === 'failed') return <Empty title="The node has no answer">{answer.why}</Empty>
  return children(answer.value)
}
