import { useState } from 'react'
import type { UpdateRow } from '../api/shapes.ts'
import { groupDigits, microOf, showAmount, showLoss } from '../model/amounts.ts'
import { shownModel } from '../model/choice.ts'
import { linkTo } from '../model/route.ts'
import { auditWords, type Filter, filters, passes, standingOf, updateKey, verdictGroups } from '../model/updates.ts'
import { Ago } from '../parts/Ago.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Id } from '../parts/Id.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSession } from '../session.ts'
import { useSlice } from '../store.ts'
import { Reputation } from './Peers.tsx'

/** Every update of the model on show: who made it, what it claims, who checked it how, and what came of it. */
export function Updates() {
  const model = useSlice(shownModel)
  const page = useSlice(state => (model === undefined ? undefined : state.updates[model.id]))
  const error = useSlice(state => state.errors.updates)
  const [filter, setFilter] = useState<Filter>('all')
  const shown = (page?.updates ?? []).filter(update => passes(update, filter))
  const aside = (
    <label className="updates-choice">
      {model !== undefined && <span className="mono">{model.id}</span>}
      <span className="for-readers">Show</span>
      <select value={filter} onChange={event => setFilter(event.target.value as Filter)}>
        {filters.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <Panel title="Updates" area="updates" aside={aside}>
      {model === undefined || page === undefined ? (
        <Missing what="updates" error={error} />
      ) : page.updates.length === 0 ? (
        <Empty title="No update yet">A unit appears here as soon as somebody has trained it and committed to it.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className="scroll updates-scroll" tabIndex={0} aria-label="Updates, newest first, scrolls">
          <Headings />
          <ul className="updates">
            {shown.map(update => (
              <Row key={updateKey(update)} update={update} />
            ))}
          </ul>
          {shown.length === 0 && <Empty title="None of those that are loaded" />}
          {page.before !== null && <Earlier model={model.id} before={page.before} />}
        </section>
      )}
    </Panel>
  )
}

/** What stands in each column, for eyes; in a row everything says by itself what it is. */
function Headings() {
  return (
    <div className="updates-head" aria-hidden="true">
      <span>Unit and trainer</span>
      <span>Loss</span>
      <span>Audit</span>
      <span>Verdicts</span>
      <span className="number">HYDRA</span>
      <span>State</span>
    </div>
  )
}

function Row({ update }: { update: UpdateRow }) {
  const { model, round, trainer, trainerName, reputation, unit, label } = update
  const standing = standingOf(update)
  return (
    <li>
      <div className="update-what">
        <a className="update-name" href={linkTo('update', `${model}/${round}/${trainer}/${unit}`)}>
          {label}
        </a>
        <span className="under">
          <Id id={trainer} kind="account" name={trainerName} />
          {reputation !== null && (
            <>
              {' '}
              <Reputation value={reputation} />
            </>
          )}
          {' · '}round {groupDigits(round)}
          {update.time !== null && (
            <>
              {' · '}
              <Ago at={update.time} />
            </>
          )}
        </span>
      </div>
      <div className="update-loss">
        <span className="update-label">Loss: </span>
        <Losses update={update} />
      </div>
      <div className="update-audit">
        <span className="update-label">Audit: </span>
        {auditWords(update)}
      </div>
      <div className="update-verdicts">
        <span className="update-label">Verdicts: </span>
        <Verdicts update={update} />
      </div>
      <div className="update-paid number">
        <span className="update-label">Pay: </span>
        <Paid update={update} />
      </div>
      <div className="update-state" data-tone={standing.tone}>
        {standing.tone === 'good' && <Icon name="right" />}
        {standing.tone === 'bad' && <Icon name="wrong" />}
        {standing.tone === 'busy' && <Icon name="warn" />}
        {standing.word}
      </div>
    </li>
  )
}

/** Before → after, or why they are not known. */
export function Losses({ update }: { update: UpdateRow }) {
  if (update.sealed)
    return update.outcome === 'pending' ? <Term name="sealed">sealed</Term> : <span className="soft">never opened</span>
  if (update.lossBefore === null || update.lossAfter === null) return <span className="soft">no number</span>
  return (
    <>
      {showLoss(update.lossBefore)} → {showLoss(update.lossAfter)}
      {update.planted && (
        <>
          {' '}
          <Term name="planted">planted</Term>
        </>
      )}
    </>
  )
}

function Verdicts({ update }: { update: UpdateRow }) {
  const groups = verdictGroups(update)
  if (groups.length === 0) return <span className="soft">none</span>
  return (
    <span className="verdicts">
      {groups.map(({ word, tone, names }) => (
        <span key={word} data-tone={tone}>
          {names.join(', ')} <span className="verdict-word">{word}</span>
        </span>
      ))}
    </span>
  )
}

/** What it brought its trainer, or cost. */
export function Paid({ update }: { update: UpdateRow }) {
  const { reward, slashed, outcome } = update
  const lost = microOf(slashed) ?? 0n
  if (lost > 0n)
    return (
      <span data-tone="bad">
        −{showAmount(slashed)}
        <span className="for-readers"> HYDRA of stake lost</span>
      </span>
    )
  if ((microOf(reward) ?? 0n) > 0n)
    return (
      <>
        {showAmount(reward, { signed: true })}
        <span className="for-readers"> HYDRA earned</span>
      </>
    )
  return <span className="soft">{outcome === 'pending' || outcome === 'disputed' ? 'open' : '0.0'}</span>
}

function Earlier({ model, before }: { model: string; before: string }) {
  const session = useSession()
  const [busy, setBusy] = useState(false)
  const more = async () => {
    setBusy(true)
    await session.earlierUpdates(model, before)
    setBusy(false)
  }
  return (
    <button type="button" className="quiet more" disabled={busy} onClick={() => void more()}>
      Earlier updates
    </button>
  )
}
