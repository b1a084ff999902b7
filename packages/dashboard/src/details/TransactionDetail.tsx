import { api } from '../api/client.ts'
import type { Transaction } from '../api/shapes.ts'
import { groupDigits, heightName, showAmount } from '../model/amounts.ts'
import { linkTo, routeOf } from '../model/route.ts'
import { humanise } from '../model/words.ts'
import { Id } from '../parts/Id.tsx'
import { Fact } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'
import { Asked } from './Asked.tsx'
import { Events } from './Events.tsx'
import { Fields } from './Fields.tsx'
import { useAnswer } from './useAnswer.ts'

export function TransactionDetail({ id }: { id: string }) {
  const height = useSlice(state => state.status?.chain.height)
  const answer = useAnswer(id, api.transaction, height)
  return (
    <Asked answer={answer}>
      {transaction => (
        <>
          <dl className="facts">
            <Fact label="What">{humanise(transaction.action.type)}</Fact>
            <Fact label={<Term name="finalised">State</Term>}>
              {transaction.height === null ? (
                'waiting for a block'
              ) : (
                <>
                  final in <a href={linkTo('block', transaction.height)}>block {heightName(transaction.height)}</a>
                </>
              )}
            </Fact>
            <Fact label="Sender">
              {transaction.sender === null ? (
                'unknown'
              ) : transaction.sender.startsWith('0x') ? (
                <Id id={transaction.sender} kind="account" />
              ) : (
                <Id id={transaction.sender} />
              )}
            </Fact>
            <Fact label={<Term name="nonce">Number</Term>}>
              {transaction.nonce === null ? 'unknown' : groupDigits(transaction.nonce)}
            </Fact>
            <UpdateLink transaction={transaction} />
            {transaction.tip !== '0' && (
              <Fact label={<Term name="tip">Tip</Term>}>{showAmount(transaction.tip)} HYDRA</Fact>
            )}
            <Fact wide label="Id">
              <Id id={transaction.id} full />
            </Fact>
          </dl>
          <h3>What it says</h3>
          <Fields fields={transaction.action.rest} except={['type']} />
          <h3>What it did</h3>
          {transaction.height === null ? (
            <p className="soft">Nothing yet: it waits for a block.</p>
          ) : (
            <Events events={transaction.events} besides={transaction.id} />
          )}
        </>
      )}
    </Asked>
  )
}

/** The update that it is about, where it is about one: its own trainer sends what names no other. */
function UpdateLink({ transaction: { action, sender } }: { transaction: Transaction }) {
  const { model, round, unit, trainer = sender } = action.rest
  const to = linkTo('update', `${model}/${round}/${trainer}/${unit}`)
  if (routeOf(to) === null) return null
  return (
    <Fact label="Update">
      <a href={to}>
        unit {String(unit)} of round {String(round)}
      </a>
    </Fact>
  )
}
