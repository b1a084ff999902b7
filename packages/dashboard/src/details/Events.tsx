import type { LedgerEvent } from '../api/shapes.ts'
import { showAmount } from '../model/amounts.ts'
import { Id } from '../parts/Id.tsx'

/** Lines of the ledger, each with its amount and the transaction behind it. */
export function Events({ events, besides }: { events: readonly LedgerEvent[]; besides?: string }) {
  if (events.length === 0) return <p className="soft">None.</p>
  return (
    <ul className="ledger-lines">
      {events.map((event, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a finalised block never change
        <li key={at}>
          <span>{event.text}</span>
          {event.amount !== null && <span className="figure">{showAmount(event.amount)}</span>}
          {event.transaction !== null && event.transaction !== besides && (
            <Id id={event.transaction} kind="transaction" />
          )}
        </li>
      ))}
    </ul>
  )
}
