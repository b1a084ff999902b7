import { showMoment } from '../model/time.ts'
import { useSlice } from '../store.ts'

export function Footer() {
  const version = useSlice(state => state.status?.node.version)
  const since = useSlice(state => (state.connection === 'live' ? state.connectionSince : null))
  return (
    <footer className="footer">
      <p>
        Served by your own node{version !== undefined && `, version ${version}`}.{' '}
        {since !== null && <span title={`Live since ${showMoment(since)}`}>Live. </span>}
        HYDRA has no price.
      </p>
      <p>
        The same data as JSON: <a href="./api/openapi.json">API description</a>, <a href="./metrics">metrics</a>
      </p>
    </footer>
  )
}
