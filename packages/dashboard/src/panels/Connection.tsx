import { showClock } from '../model/time.ts'
import { Ago } from '../parts/Ago.tsx'
import { Icon } from '../parts/Icon.tsx'
import { useSlice } from '../store.ts'

/** Says so, unmistakably, when what the page shows is no longer what the node does. */
export function Connection() {
  const connection = useSlice(state => state.connection)
  const since = useSlice(state => state.connectionSince)
  const hasData = useSlice(state => state.status !== null)
  return (
    <div role="status" className="connection" data-connection={connection}>
      {connection === 'lost' && (
        <p>
          <Icon name="warn" />
          <strong>The connection to the node is lost.</strong>{' '}
          {hasData ? (
            <>
              What you see is from {showClock(since)} (<Ago at={since} />
              ). See that the node still runs; the page connects again by itself.
            </>
          ) : (
            'Is the node running? Start it, and this page connects by itself.'
          )}
        </p>
      )}
    </div>
  )
}
