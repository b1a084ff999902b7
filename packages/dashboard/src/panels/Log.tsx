import { useState } from 'react'
import { isoMoment, showClock, showMoment } from '../model/time.ts'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { useSlice } from '../store.ts'

const EVERYTHING = 'everything'

/** What the node did, newest first. */
export function Log() {
  const entries = useSlice(state => state.log)
  const error = useSlice(state => state.errors.log)
  const [kind, setKind] = useState(EVERYTHING)
  const kinds = [...new Set((entries ?? []).map(entry => entry.kind))].sort((a, b) => (a < b ? -1 : 1))
  const shown = (entries ?? []).filter(entry => kind === EVERYTHING || entry.kind === kind)
  const choice = (
    <label>
      <span className="for-readers">Show</span>
      <select value={kind} onChange={event => setKind(event.target.value)}>
        <option value={EVERYTHING}>Everything</option>
        {[...new Set([...kinds, ...(kind === EVERYTHING ? [] : [kind])])].map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
  return (
    <Panel title="Activity log" area="log" aside={choice}>
      {entries === null ? (
        <Missing what="activity" error={error} />
      ) : shown.length === 0 ? (
        <Empty title="Nothing has happened yet">The node writes here what it does: peers, units, votes, blocks.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className="scroll log-scroll" tabIndex={0} aria-label="Activity, newest first, scrolls">
          <ol className="log">
            {shown.map(entry => (
              <li key={entry.key} data-kind={entry.kind}>
                <time dateTime={isoMoment(entry.at)} title={showMoment(entry.at)}>
                  {showClock(entry.at)}
                </time>
                <span className="log-kind">{entry.kind}</span>
                <span className="log-text">{entry.text}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </Panel>
  )
}
