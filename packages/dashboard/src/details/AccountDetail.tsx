import { api } from '../api/client.ts'
import type { Account } from '../api/shapes.ts'
import { groupDigits, heightName, showAmount } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { Reputation } from '../panels/Peers.tsx'
import { Ago } from '../parts/Ago.tsx'
import { Copy } from '../parts/Copy.tsx'
import { Id } from '../parts/Id.tsx'
import { Fact } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
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
          <h3>Entries, newest first</h3>
          <Entries account={account} />
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
      <Fact label={<Term name="stake">Stake</Term>}>{showAmount(account.stake)} HYDRA</Fact>
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

function Entries({ account }: { account: Account }) {
  if (account.entries.length === 0) return <p className="soft">None yet.</p>
  const entries = account.entries.toSorted((a, b) => b.height - a.height)
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
