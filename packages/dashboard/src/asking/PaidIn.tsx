import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { heightName } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { Id } from '../parts/Id.tsx'
import { useSlice } from '../store.ts'

/** The transaction that paid, and its block once that is final: looked for at every new block until then. */
export function PaidIn({ transaction }: { transaction: string }) {
  const height = useSlice(state => state.status?.chain.height)
  const [block, setBlock] = useState<number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is the reason to look again
  useEffect(() => {
    if (block !== null) return
    const gone = new AbortController()
    api.transaction(transaction, gone.signal).then(
      found => gone.signal.aborted || setBlock(found.height),
      // Not known yet, or no connection: the next block asks again.
      () => undefined,
    )
    return () => gone.abort()
  }, [transaction, block, height])
  return (
    <>
      payment <Id id={transaction} kind="transaction" />
      {block === null ? (
        ', waits for a block'
      ) : (
        <>
          {' in block '}
          <a href={linkTo('block', block)}>{heightName(block)}</a>
        </>
      )}
    </>
  )
}
