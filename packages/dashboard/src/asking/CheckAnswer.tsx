import { type ReactNode, useEffect, useRef, useState } from 'react'
import { api } from '../api/client.ts'
import { groupDigits } from '../model/amounts.ts'
import { knownOf } from '../model/known.ts'
import { plural } from '../model/words.ts'
import { Icon } from '../parts/Icon.tsx'
import { useStore } from '../store.ts'
import type { Known, Progress, Verdict } from './check/messages.ts'
import { startCheck } from './check/startCheck.ts'

type Standing =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly progress: Progress | null }
  | { readonly state: 'judged'; readonly verdict: Verdict }
  | { readonly state: 'failed'; readonly why: string }

const buttonWords: Record<Standing['state'], string> = {
  idle: 'Check this answer',
  running: 'Checking…',
  judged: 'Check again',
  failed: 'Check again',
}

interface CheckAnswerProps {
  readonly file: Readonly<Record<string, unknown>>
  readonly model: string
  readonly server: string | null
  /** What else can be done with the answer, beside the button. */
  readonly children: ReactNode
}

/** Runs the answer again, in this browser, and says whether the server told the truth. */
export function CheckAnswer({ file, model, server, children }: CheckAnswerProps) {
  const store = useStore()
  const [standing, setStanding] = useState<Standing>({ state: 'idle' })
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const box = useRef<HTMLDivElement>(null)
  // What it finds must not appear below the edge of a list that scrolls.
  useEffect(() => {
    if (standing.state !== 'idle') box.current?.scrollIntoView({ block: 'nearest' })
  }, [standing.state])

  const check = async () => {
    const stopper = new AbortController()
    running.current = stopper
    setStanding({ state: 'running', progress: null })
    try {
      const known = await knownNow()
      const verdict = await startCheck(
        { file, known },
        { onProgress: progress => setStanding({ state: 'running', progress }), signal: stopper.signal },
      )
      setStanding({ state: 'judged', verdict })
    } catch (error) {
      if (stopper.signal.aborted) setStanding({ state: 'idle' })
      else setStanding({ state: 'failed', why: error instanceof Error ? error.message : 'It failed without a reason.' })
    }
  }
  /** What the chain says; what is not known is not compared, and the verdict says so. */
  const knownNow = async (): Promise<Known> => {
    const held = knownOf(store.get(), model, versionOf(file))
    if (held.document !== null) return held
    const detail = await api.model(model).catch(() => null)
    return { ...held, document: detail?.documentId ?? null }
  }
  return (
    <div className="check" ref={box}>
      <div className="buttons">
        <button type="button" className="quiet" disabled={standing.state === 'running'} onClick={() => void check()}>
          {buttonWords[standing.state]}
        </button>
        {children}
      </div>
      {standing.state === 'running' && <Running progress={standing.progress} onStop={() => running.current?.abort()} />}
      <div role="status">
        {standing.state === 'judged' && <Judged verdict={standing.verdict} server={server ?? 'The server'} />}
        {standing.state === 'failed' && (
          <p>
            <Icon name="warn" /> <strong>Not checked.</strong> {standing.why} Of the answer this says nothing.
          </p>
        )}
      </div>
    </div>
  )
}

function versionOf(file: Readonly<Record<string, unknown>>): number {
  const { receipt } = file
  const version = typeof receipt === 'object' && receipt !== null && 'version' in receipt ? receipt.version : null
  return typeof version === 'number' ? version : -1
}

function Running({ progress, onStop }: { progress: Progress | null; onStop: () => void }) {
  const total = progress?.stage === 'running' ? progress.total : null
  return (
    <div className="check-running">
      <progress
        aria-label="Progress of the check"
        {...(progress !== null && total ? { max: total, value: Math.min(progress.done, total) } : {})}
      />
      <p className="progress-words">
        <span>{stageWords(progress)}</span>
        <button type="button" className="quiet" onClick={onStop}>
          Stop checking
        </button>
      </p>
    </div>
  )
}

function stageWords(progress: Progress | null): string {
  if (progress === null) return 'Loading the engine…'
  if (progress.stage === 'loading') return `Loading the model: ${(progress.done / 1e6).toFixed(1)} MB…`
  return `Running it again: ${groupDigits(progress.done)} of ${plural(progress.total ?? 0, 'token')}`
}

function Judged({ verdict, server }: { verdict: Verdict; server: string }) {
  if (verdict.result === 'same') {
    return (
      <p data-tone="good">
        <Icon name="right" /> <strong>The same, token for token.</strong> Your browser put the question to the model
        again and got the same {plural(verdict.tokens, 'token')}; the signature of {server} holds
        {verdict.onChain
          ? ', and the chain names these parameters.'
          : '. The page does not hold the block that names these parameters.'}
      </p>
    )
  }
  const reasons = verdict.reasons.join('; ')
  return (
    <p data-tone="bad">
      <Icon name="wrong" /> <strong>Not the same:</strong> {reasons}.{' '}
      {verdict.result === 'lie' && `${server} signed what the model does not say. The saved file is the proof.`}
      {verdict.result === 'altered' && 'This answer proves nothing about anybody.'}
      {verdict.result === 'misquoted' && `What ${server} signed is true.`}
    </p>
  )
}
