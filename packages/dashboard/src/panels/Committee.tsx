import type { Committee as Data } from '../api/shapes.ts'
import { groupDigits, heightName, shorten, showAmount, showPercent } from '../model/amounts.ts'
import { plural } from '../model/words.ts'
import { Ago } from '../parts/Ago.tsx'
import { Id } from '../parts/Id.tsx'
import { Fact, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'
import { Reputation } from './Peers.tsx'

/** Who votes on blocks, who could, and when that is drawn anew. */
export function Committee() {
  const committee = useSlice(state => state.committee)
  const error = useSlice(state => state.errors.committee)
  const epoch = committee !== null && (
    <>
      <Term name="epoch">Epoch</Term> {groupDigits(committee.epoch)}
    </>
  )
  return (
    <Panel title="Committee" area="committee" aside={epoch}>
      {committee === null ? <Missing what="committee" error={error} /> : <Contents committee={committee} />}
    </Panel>
  )
}

function Contents({ committee }: { committee: Data }) {
  const { members, others, othersLeftOut, self } = committee
  return (
    <>
      <p>{self.why}</p>
      <dl className="facts">
        <Fact label={<Term name="committee">Voting</Term>}>
          {groupDigits(members.length)} of {groupDigits(committee.staked)} with a stake
          <span className="fact-note">at most {groupDigits(committee.size)}</span>
        </Fact>
        <Fact label="Next draw">
          block {heightName(committee.nextDraw)}
          <span className="fact-note">
            <NextDraw committee={committee} />
          </span>
        </Fact>
      </dl>
      <Members members={members} />
      {others.length > 0 && (
        <details>
          <summary>Not voting now: {groupDigits(others.length + othersLeftOut)}</summary>
          <ul className="ledger-lines">
            {others.map(other => (
              <li key={other.address}>
                <span>
                  <Id id={other.address} kind="account" name={nameOf(other)} />
                  {other.self && ' (you)'}
                  <span className="under">{other.why}</span>
                </span>
                <span className="figure">{showAmount(other.stake)}</span>
              </li>
            ))}
          </ul>
          {othersLeftOut > 0 && <p className="soft">and {plural(othersLeftOut, 'other', 'others')} with less</p>}
        </details>
      )}
    </>
  )
}

/** From the newest block, not from the one at which the committee was asked for. */
function NextDraw({ committee }: { committee: Data }) {
  const chain = useSlice(state => state.status?.chain)
  if (chain === undefined) return <Ago at={committee.nextDrawTime} />
  const blocks = Math.max(0, committee.nextDraw - chain.height)
  return (
    <>
      {plural(blocks, 'block')} left, <Ago at={chain.time + blocks * chain.blockIntervalMs} />
    </>
  )
}

function Members({ members }: { members: Data['members'] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll committee-scroll" tabIndex={0} aria-label="Members of the committee, scrolls">
      <table className="peers">
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col" className="number">
              <Term name="power">Power</Term>
            </th>
            <th scope="col" className="number only-wide">
              <Term name="stake">Stake</Term>
            </th>
            <th scope="col">
              <Term name="reputation">Reputation</Term>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map(member => (
            <tr key={member.address}>
              <th scope="row">
                <Id id={member.address} kind="account" name={nameOf(member)} />
                {member.self && ' (you)'}
                {member.why !== 'can be drawn again' && <span className="under">{member.why}</span>}
              </th>
              <td className="number">
                <span className="share" style={{ '--share': `${member.share * 100}%` } as never}>
                  {showPercent(member.share)}
                </span>
              </td>
              <td className="number only-wide">{showAmount(member.stake)}</td>
              <td>
                <Reputation value={member.reputation} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const nameOf = ({ name, address }: { readonly name: string | null; readonly address: string }): string =>
  name || shorten(address)
