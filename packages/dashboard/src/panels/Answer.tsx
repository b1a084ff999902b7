import { useEffect, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import type { Status } from '../api/shapes.ts'
import { showAmount } from '../model/amounts.ts'
import { type Health, healthOf } from '../model/health.ts'
import { linkTo } from '../model/route.ts'
import { timeLeft } from '../model/time.ts'
import { stateWords } from '../model/words.ts'
import { useNow } from '../parts/clock.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Missing } from '../parts/Panel.tsx'
import { useSession, useToken } from '../session.ts'
import { useSlice } from '../store.ts'
import { Unlock } from './Unlock.tsx'

const verbs: Record<Status['state'], string> = {
  starting: 'is starting',
  syncing: 'is catching up',
  training: 'is training',
  verifying: 'is verifying',
  waiting: 'is waiting',
  paused: 'is paused',
}

/** The first line of the page: am I contributing, earning, healthy? And the one big button. */
export function Answer() {
  const status = useSlice(state => state.status)
  const error = useSlice(state => state.errors.status)
  const lost = useSlice(state => state.connection === 'lost')
  const name = status?.node.name ?? 'HydraAI node'
  const doing = status === null || lost ? 'no connection' : stateWords[status.state].name.toLowerCase()
  useEffect(() => {
    document.title = `${name}: ${doing}`
  }, [name, doing])
  if (status === null) {
    return (
      <section className="answer" aria-label="Your node">
        <h1>{lost ? 'No node answers' : 'HydraAI node'}</h1>
        <Missing what="status" error={error} />
      </section>
    )
  }
  return (
    <section className="answer" aria-label="Your node">
      <div className="answer-state">
        <h1>
          <span className="lamp" data-state={lost ? 'lost' : status.state} aria-hidden="true" />
          {status.node.name} {lost ? 'does not answer' : verbs[status.state]}
        </h1>
        <p className="answer-reason">{lost ? `When it was last heard, it ${pastOf(status.state)}.` : status.reason}</p>
      </div>
      <StartPause status={status} lost={lost} />
      <Three status={status} lost={lost} />
    </section>
  )
}

const pastOf = (state: Status['state']): string => verbs[state].replace(/^is/, 'was')

const unheard: Health = { tone: 'bad', title: 'Not known', detail: 'The page hears nothing from the node.' }

function Three({ status, lost }: { status: Status; lost: boolean }) {
  const sync = useSlice(state => state.syncing)
  const doing = useSlice(state => state.training?.current?.label ?? null)
  const found = useNow(now => {
    const left =
      sync === null || status.chain.syncTarget === null
        ? null
        : timeLeft(sync, { done: status.chain.height, at: now }, status.chain.syncTarget)
    return JSON.stringify(healthOf(status, now, left === null ? null : Math.ceil(left / 5_000) * 5_000))
  })
  const health = lost ? unheard : (JSON.parse(found) as Health)
  const { earned } = status
  return (
    <dl className="three">
      <div>
        <dt>Contributing</dt>
        <dd>{lost ? 'Not known' : stateWords[status.state].contributing}</dd>
        <dd className="three-detail">
          {lost
            ? 'It may well go on without this page.'
            : status.state === 'training' && doing !== null
              ? doing
              : contribution(status)}
        </dd>
      </div>
      <div>
        <dt>Earned</dt>
        <dd className="figure">
          {showAmount(earned.total)} <span className="unit">HYDRA</span>
        </dd>
        <dd className="three-detail">
          {earned.lastHour !== null && <>{showAmount(earned.lastHour, { signed: true })} in the last hour. </>}
          <a href={linkTo('account', status.node.address)}>Every entry</a>
        </dd>
      </div>
      <div data-tone={health.tone}>
        <dt>Health</dt>
        <dd>
          <Icon name={health.tone === 'good' ? 'right' : health.tone === 'busy' ? 'busy' : 'warn'} />
          {health.title}
        </dd>
        <dd className="three-detail">{health.detail}</dd>
      </div>
    </dl>
  )
}

function contribution({ validators, paused }: Status): string {
  if (paused) return validators.self ? 'Still votes on blocks and checks others’ work.' : 'Blocks are still followed.'
  return validators.self
    ? 'Also votes on blocks as a validator.'
    : 'Does not vote on blocks: that needs 1.0 HYDRA of stake.'
}

function StartPause({ status, lost }: { status: Status; lost: boolean }) {
  const session = useSession()
  const token = useToken()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const act = async () => {
    if (token === null) return setAsking(true)
    setBusy(true)
    setRefused(null)
    await session.setPaused(token, !status.paused).catch(error => setRefused(sentenceOf(error)))
    setBusy(false)
  }
  return (
    <div className="start-pause">
      <button
        type="button"
        className={status.paused ? 'big primary' : 'big'}
        disabled={busy || lost}
        onClick={() => void act()}
      >
        {status.paused ? 'Start training' : 'Pause training'}
      </button>
      <p role="status" className="refused">
        {refused}
      </p>
      {asking && (
        <Dialog title="This page may only look" className="modal" onClose={() => setAsking(false)}>
          <Unlock onUnlocked={() => setAsking(false)} />
        </Dialog>
      )}
    </div>
  )
}
