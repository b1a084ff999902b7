import { api } from '../api/client.ts'
import type { Block } from '../api/shapes.ts'
import { groupDigits, heightName } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { showMoment } from '../model/time.ts'
import { humanise, plural } from '../model/words.ts'
import { Ago } from '../parts/Ago.tsx'
import { Id } from '../parts/Id.tsx'
import { Fact } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'
import { Asked } from './Asked.tsx'
import { Events } from './Events.tsx'
import { Fields } from './Fields.tsx'
import { useAnswer } from './useAnswer.ts'

const shownElsewhere = ['height', 'time', 'proposer', 'models']

export function BlockDetail({ id }: { id: string }) {
  const answer = useAnswer(id, api.block)
  return <Asked answer={answer}>{block => <Details block={block} />}</Asked>
}

function Details({ block }: { block: Block }) {
  const top = useSlice(state => state.status?.chain.height ?? 0)
  const lowest = useSlice(state => state.status?.chain.lowest ?? 1)
  return (
    <>
      <nav className="neighbours" aria-label="Neighbouring blocks">
        {block.height > lowest && <a href={linkTo('block', block.height - 1)}>← {heightName(block.height - 1)}</a>}
        {block.height < top && <a href={linkTo('block', block.height + 1)}>{heightName(block.height + 1)} →</a>}
      </nav>
      <dl className="facts">
        <Fact label="Made">
          <Ago at={block.time} />
          <span className="fact-note">{showMoment(block.time)}</span>
        </Fact>
        <Fact label={<Term name="proposer">Proposer</Term>}>
          {block.proposer === null ? 'none' : <Id id={block.proposer} kind="account" name={block.proposerName} />}
        </Fact>
        <Fact label={<Term name="finalised">Finalised</Term>}>
          {block.commit === null
            ? 'its votes come with the next block'
            : `${plural(block.commit.precommits, 'vote')}, round ${block.commit.round}`}
        </Fact>
        <Fact label="Transactions">{groupDigits(block.transactions.length)}</Fact>
        <Fact wide label="Hash">
          <Id id={block.hash} full />
        </Fact>
      </dl>
      <h3>What it did</h3>
      <Events events={block.events} />
      <h3>Transactions</h3>
      {block.transactions.length === 0 ? (
        <p className="soft">None: rewards and phases come by rule, without one.</p>
      ) : (
        <ul className="ledger-lines">
          {block.transactions.map(transaction => (
            <li key={transaction.id}>
              <span>
                {humanise(transaction.type)}
                {transaction.sender !== null && (
                  <>
                    {' by '}
                    {transaction.sender.startsWith('0x') ? (
                      <Id id={transaction.sender} kind="account" name={transaction.senderName} />
                    ) : (
                      <Id id={transaction.sender} name={transaction.senderName} />
                    )}
                  </>
                )}
              </span>
              <Id id={transaction.id} kind="transaction" />
            </li>
          ))}
        </ul>
      )}
      {block.models.length > 0 && (
        <>
          <h3>Models after it</h3>
          <ul className="ledger-lines">
            {block.models.map(model => (
              <li key={model.id}>
                <span>
                  {model.id}, version {groupDigits(model.version)}
                </span>
                <Id id={model.parameters} />
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>Header</summary>
        <Fields fields={block.header} except={shownElsewhere} />
      </details>
    </>
  )
}
