import { useState } from 'react'
import { api, sentenceOf } from '../api/client.ts'
import type { Account } from '../api/shapes.ts'
import { groupDigits, heightName, microOf, showAmount, showMicro } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { joinEntries, sumRows } from '../model/statement.ts'
import { Reputation } from '../panels/Peers.tsx'
import { Ago } from '../parts/Ago.tsx'
import { Copy } from '../parts/Copy.tsx'
import { Id } from '../parts/Id.tsx'
import { Fact } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { Unbondings } from '../parts/Unbondings.tsx'
import { useSlice } from '../store.ts'
import { Asked } from './Asked.tsx'
import { useAnswer } from './useAnswer.ts'

/** An account and its statement: every entry that made the balance, with the block and transaction behind it. */
export function AccountDetail({ address }: { address: string }) {
  const height = useSlice(state => state.status?.chain.height)
  const answer = useAnswer(address, api.account, height)
  return (
    <Asked answer={answer}>
      {account => (
        <>
          <Facts account={account} />
          <Sums account={account} />
          <h3>Entries, newest first</h3>
          <AllEntries key={account.address} account={account} />
        </>
      )}
    </Asked>
  )
}

function Facts({ account }: { account: Account }) {
  return (
    <dl className="facts">
      <Fact label="Name">{account.name || <span className="soft">none registered</span>}</Fact>
      <Fact label={<Term name="reputation">Reputation</Term>}>
        {account.reputation === null ? 'unknown' : <Reputation value={account.reputation} />}
      </Fact>
      <Fact label="Balance">{showAmount(account.balance)} HYDRA</Fact>
      <Fact label={<Term name="stake">Stake</Term>}>
        {showAmount(account.stake)} HYDRA
        {account.slashed && <span className="fact-note">lost for cheating; it cannot stake again</span>}
      </Fact>
      {account.unbonding.length > 0 && (
        <Fact label={<Term name="unbonding">Unbonding</Term>}>
          <Unbondings unbonding={account.unbonding} />
        </Fact>
      )}
      <Fact label={<Term name="committee">Committee</Term>}>
        {account.votes ? 'votes on blocks now' : 'does not vote now'}
        {account.restsUntil > 0 && (
          <span className="fact-note">
            <Term name="rests">rested</Term> until epoch {groupDigits(account.restsUntil)}
          </span>
        )}
      </Fact>
      <Fact label="Earned in all">{showAmount(account.earned)} HYDRA</Fact>
      <Fact label={<Term name="unit">Units verified</Term>}>{groupDigits(account.unitsVerified)}</Fact>
      <Fact label={<Term name="verdict">Verdicts given</Term>}>{groupDigits(account.verdictsGiven)}</Fact>
      <Fact label={<Term name="feeCredit">Fee credit</Term>}>{showAmount(account.feeCredit)} HYDRA</Fact>
      <Fact wide label="Address">
        <span className="address">
          <span className="mono">{account.address}</span>
          <Copy text={account.address} label="Copy the address" />
        </span>
      </Fact>
    </dl>
  )
}

/** How the entries add up to what the account has; the node's own sums, so that nobody has to take them on trust. */
function Sums({ account }: { account: Account }) {
  const { totals } = account
  if (totals === null) return null
  const rows = sumRows(totals).filter(({ micro }) => micro !== 0n)
  const sum = rows.reduce((all, { micro }) => all + micro, 0n)
  const held = [account.balance, account.stake, ...account.unbonding.map(({ amount }) => amount)]
    .map(amount => microOf(amount) ?? 0n)
    .reduce((all, micro) => all + micro, 0n)
  return (
    <>
      <h3>Where it comes from</h3>
      {!account.complete && <p className="soft">The node still reads older blocks; the sums grow until it is done.</p>}
      {account.since > 0 && (
        <p className="soft">
          This node knows the chain from block {heightName(account.since)} on: what came before is one sum.
        </p>
      )}
      <dl className="sums">
        {rows.map(({ name, micro }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figure">{showMicro(micro, { signed: true })}</dd>
          </div>
        ))}
        <div className="sums-total">
          <dt>{account.unbonding.length > 0 ? 'Balance, stake and unbonding' : 'Balance and stake'}</dt>
          <dd className="figure">{showMicro(held)}</dd>
        </div>
      </dl>
      {account.complete && sum !== held && (
        <p className="refused">
          These sums make {showMicro(sum)}, not {showMicro(held)}. Please report this: it is a fault.
        </p>
      )}
    </>
  )
}

/** The entries at hand and, on demand, the older ones; a live refresh replaces only the newest part. */
function AllEntries({ account }: { account: Account }) {
  const [older, setOlder] = useState<{ entries: Account['entries']; before: number | null } | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const before = older === null ? account.entriesBefore : older.before
  const more = async () => {
    if (before === null) return
    try {
      const answer = await api.earlierEntries(account.address, before)
      setOlder({
        entries: [...(older === null ? account.entries : older.entries), ...answer.entries],
        before: answer.entriesBefore,
      })
    } catch (error) {
      setRefused(sentenceOf(error))
    }
  }
  return (
    <>
      <Entries entries={older === null ? account.entries : joinEntries(account.entries, older.entries)} />
      {before !== null && (
        <button type="button" className="quiet" onClick={() => void more()}>
          Earlier entries
        </button>
      )}
      {before === null && account.lowest > 1 && (
        <p className="soft">Entries before block {heightName(account.lowest)} are not kept by this node.</p>
      )}
      {refused !== null && <p className="refused">{refused}</p>}
    </>
  )
}

function Entries({ entries }: { entries: Account['entries'] }) {
  if (entries.length === 0) return <p className="soft">None yet.</p>
  return (
    <ul className="ledger-lines">
      {entries.map((entry, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id of their own
        <li key={at}>
          <span>
            {entry.text}
            <span className="under">
              <a href={linkTo('block', entry.height)}>{heightName(entry.height)}</a>
              {entry.time !== null && (
                <>
                  {' '}
                  · <Ago at={entry.time} />
                </>
              )}
              {entry.transaction !== null && (
                <>
                  {' '}
                  · <Id id={entry.transaction} kind="transaction" />
                </>
              )}
            </span>
          </span>
          <span className="figure">{showAmount(entry.amount, { signed: true })}</span>
        </li>
      ))}
    </ul>
  )
}
