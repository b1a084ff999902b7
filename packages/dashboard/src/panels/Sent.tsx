import { Id } from '../parts/Id.tsx'

/** That the node took a transaction, and where to follow it. */
export function Sent({ transaction, what }: { transaction: string | null; what: string }) {
  return (
    <p role="status" className="sent">
      {transaction !== null && (
        <>
          {what}. It counts once it is in a block:{' '}
          {transaction === '' ? 'see the wallet’s statement.' : <Id id={transaction} kind="transaction" />}
        </>
      )}
    </p>
  )
}
