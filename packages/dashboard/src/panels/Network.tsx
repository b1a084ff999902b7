import type { Peer, Status } from '../api/shapes.ts'
import { groupDigits, showAmount } from '../model/amounts.ts'
import { showDuration } from '../model/time.ts'
import { Id } from '../parts/Id.tsx'
import { Fact, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'

export function Network() {
  const status = useSlice(state => state.status)
  const peers = useSlice(state => state.peers)
  const error = useSlice(state => state.errors.status)
  return (
    <Panel title="Network" area="network">
      {status === null ? <Missing what="network" error={error} /> : <Facts status={status} peers={peers} />}
    </Panel>
  )
}

function Facts({ status, peers }: { status: Status; peers: readonly Peer[] | null }) {
  const { chain, supply, validators, node } = status
  return (
    <dl className="facts">
      <Fact label="Status">{status.peers > 0 ? 'Connected' : 'No peers'}</Fact>
      <Fact label="Peers">{groupDigits(status.peers)}</Fact>
      <Fact label={<Term name="latency">Latency</Term>}>{averageLatency(peers)}</Fact>
      <Fact label={<Term name="validator">Validators</Term>}>
        {groupDigits(validators.total)}
        {validators.self ? ', you are one' : ''}
      </Fact>
      <Fact label="Block every">
        {chain.blockIntervalMs < 60_000 ? `${chain.blockIntervalMs / 1000} s` : showDuration(chain.blockIntervalMs)}
      </Fact>
      <Fact label="Node up for">{showDuration(node.uptimeMs)}</Fact>
      <Fact wide label={<Term name="minted">HYDRA in existence</Term>}>
        {showAmount(supply.total)}
        <span className="fact-note">
          {showAmount(supply.minted)} minted − {showAmount(supply.burnt)} burnt
        </span>
      </Fact>
      <Fact label="Network id">
        <span className="id">{chain.id}</span>
      </Fact>
      <Fact label={<Term name="genesis">Genesis</Term>}>
        <Id id={chain.genesis} />
      </Fact>
      <Fact label={<Term name="engine">Engine</Term>}>
        <Id id={node.engine} />
      </Fact>
    </dl>
  )
}

function averageLatency(peers: readonly Peer[] | null): string {
  const known = (peers ?? []).map(({ latencyMs }) => latencyMs).filter(ms => ms !== null)
  if (known.length === 0) return 'not measured yet'
  return `${Math.round(known.reduce((sum, ms) => sum + ms, 0) / known.length)} ms on average`
}
