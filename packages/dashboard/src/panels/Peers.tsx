import type { Peer } from '../api/shapes.ts'
import { groupDigits, heightName, shorten } from '../model/amounts.ts'
import { peerName, starsOf } from '../model/reputation.ts'
import { humanise } from '../model/words.ts'
import { Since } from '../parts/Ago.tsx'
import { Id } from '../parts/Id.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'

export function Peers() {
  const peers = useSlice(state => state.peers)
  const error = useSlice(state => state.errors.peers)
  return (
    <Panel title="Connected peers" area="peers" aside={peers !== null && groupDigits(peers.length)}>
      {peers === null ? (
        <Missing what="peers" error={error} />
      ) : peers.length === 0 ? (
        <Alone />
      ) : (
        <Table peers={peers} />
      )}
    </Panel>
  )
}

function Alone() {
  return (
    <Empty title="No peer is connected">
      Others find this node by themselves, or start it with <code>--peer MULTIADDR</code> to join through one you know.
      One node alone is a working network.
    </Empty>
  )
}

function Table({ peers }: { peers: readonly Peer[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label="Peers, scrolls">
      <table className="peers">
        <thead>
          <tr>
            <th scope="col">Peer</th>
            <th scope="col">Doing</th>
            <th scope="col" className="number">
              <Term name="latency">Latency</Term>
            </th>
            <th scope="col" className="number only-wide">
              Height
            </th>
            <th scope="col">
              <Term name="reputation">Reputation</Term>
            </th>
          </tr>
        </thead>
        <tbody>
          {peers.map(peer => (
            <Row key={peer.peerId} peer={peer} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({ peer }: { peer: Peer }) {
  return (
    <tr>
      <th scope="row">
        {peer.account === null ? (
          <span title={peer.peerId}>{peerName(peer)}</span>
        ) : (
          <Id id={peer.account} kind="account" name={peerName(peer)} />
        )}
        <span className="under" title={peer.address}>
          {shorten(peer.peerId, 4, 6)} · <Since at={peer.connectedAt} />
        </span>
      </th>
      <td>{peer.activity === null ? <Unknown /> : humanise(peer.activity)}</td>
      <td className="number">{peer.latencyMs === null ? <Unknown /> : `${Math.round(peer.latencyMs)} ms`}</td>
      <td className="number only-wide">{peer.height === null ? <Unknown /> : heightName(peer.height)}</td>
      <td>{peer.reputation === null ? <Unknown /> : <Reputation value={peer.reputation} />}</td>
    </tr>
  )
}

function Unknown() {
  return (
    <span className="soft" title="The peer has not said">
      unknown
    </span>
  )
}

export function Reputation({ value }: { value: number }) {
  const stars = starsOf(value)
  return (
    <span className="reputation">
      <span className="stars" aria-hidden="true">
        <span>{'★'.repeat(stars)}</span>
        <span className="stars-missing">{'★'.repeat(5 - stars)}</span>
      </span>
      <span className="for-readers">{stars} of 5 stars, reputation</span> {value}
    </span>
  )
}
