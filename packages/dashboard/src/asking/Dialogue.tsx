import { memo } from 'react'
import { groupDigits, showAmount } from '../model/amounts.ts'
import { plural } from '../model/words.ts'
import { Copy } from '../parts/Copy.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Id } from '../parts/Id.tsx'
import { Term } from '../parts/Term.tsx'
import { CheckAnswer } from './CheckAnswer.tsx'
import { type Exchange, type Payment, paymentOf } from './exchange.ts'
import { PaidIn } from './PaidIn.tsx'
import { SaveFile } from './SaveFile.tsx'

/** What was asked on this page and what was answered, newest first. */
export function Dialogue({ exchanges }: { exchanges: readonly Exchange[] }) {
  if (exchanges.length === 0) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll dialogue" tabIndex={0} aria-label="Questions and answers, newest first, scrolls">
      {exchanges.map(exchange => (
        <One key={exchange.key} exchange={exchange} />
      ))}
    </section>
  )
}

const One = memo(function One({ exchange }: { exchange: Exchange }) {
  const { question, text, phase, file, start } = exchange
  return (
    <article className="exchange" data-phase={phase}>
      <h3>{question.question}</h3>
      {text !== '' && <p className="said">{text}</p>}
      <Standing exchange={exchange} />
      {file !== null && (
        <>
          <Facts exchange={exchange} />
          <CheckAnswer file={file} model={question.model} server={start?.serverName ?? null}>
            <Copy text={text} label="Copy the answer" />
            <SaveFile file={file} />
          </CheckAnswer>
        </>
      )}
    </article>
  )
})

/** Where it stands while there is no whole answer, or what went wrong and what to do. */
function Standing({ exchange }: { exchange: Exchange }) {
  const { phase, start, tokens, failure } = exchange
  const who = start === null ? 'A peer' : (start.serverName ?? 'A peer')
  if (phase === 'asking') return <p className="soft">Looking for a peer that answers…</p>
  if (phase === 'answering') {
    return (
      <p className="soft">
        {who} answers: {plural(tokens, 'token')} so far…
      </p>
    )
  }
  const payment = paymentOf(exchange)
  if (phase === 'stopped') return <p className="soft">You stopped it here. Nothing was paid.</p>
  if (phase !== 'failed' || failure === null) return null
  const said = [failure.message, failure.advice].filter(Boolean).join(' ')
  return (
    <p className="refused">
      <Icon name="warn" /> {said}
      {payment === 'none' && !said.includes('othing was paid') && ' Nothing was paid.'}
      {payment === 'unknown' && failure.code === 'BROKEN_OFF' && ' The wallet’s statement shows what was paid.'}
    </p>
  )
}

function Facts({ exchange }: { exchange: Exchange }) {
  const { start, tokens, ended, question } = exchange
  return (
    <ul className="exchange-facts">
      <li>
        <Cost payment={paymentOf(exchange)} cost={exchange.cost} />
      </li>
      {start !== null && (
        <>
          <li>
            by <Id id={start.server} kind="account" name={start.serverName} />
          </li>
          <li>
            <span className="mono">{start.model}</span> <Term name="version">version</Term> {groupDigits(start.version)}
          </li>
        </>
      )}
      <li>
        {groupDigits(tokens)} <Term name="token">{tokens === 1 ? 'token' : 'tokens'}</Term>
        {ended === 'length' &&
          (tokens === question.maxTokens ? ', cut where you said' : ', cut where it became too long')}
      </li>
      {exchange.transaction !== null && (
        <li>
          <PaidIn transaction={exchange.transaction} />
        </li>
      )}
    </ul>
  )
}

function Cost({ payment, cost }: { payment: Payment; cost: string | null }) {
  if (payment === 'none') return 'nothing was paid'
  if (payment === 'open') return 'being paid…'
  if (payment === 'unknown') return 'payment not confirmed'
  return (
    <>
      <strong>{cost === null ? 'paid' : showAmount(cost)}</strong>{' '}
      {cost !== null && <span className="unit">HYDRA</span>}
    </>
  )
}
