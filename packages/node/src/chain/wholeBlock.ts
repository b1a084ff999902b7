import { type Block, commitHash, eventsRoot, type LedgerEvent, resultsRoot, transactionsRoot } from '@hydraai/ledger'

/** Whether body and events are those that the header, which is all that anybody signs, names. */
export function isWholeBlock({ header, ...body }: Block, events: readonly LedgerEvent[]): boolean {
  return (
    header.transactions === transactionsRoot(body.transactions) &&
    header.results === resultsRoot(body.results) &&
    header.lastCommit === commitHash(body.lastCommit) &&
    header.events === eventsRoot(events)
  )
}
