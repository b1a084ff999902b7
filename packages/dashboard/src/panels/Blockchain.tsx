import { useState } from 'react'
import type { BlockRow } from '../api/shapes.ts'
import { heightName, microOf, showAmount } from '../model/amounts.ts'
import { eventLines } from '../model/blocks.ts'
import { linkTo } from '../model/route.ts'
import { plural } from '../model/words.ts'
import { Ago } from '../parts/Ago.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Empty, Missing, Panel } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSession } from '../session.ts'
import { useSlice } from '../store.ts'

const ROWS_AT_FIRST = 12
const LINES_IN_ROW = 3

export function Blockchain() {
  const blocks = useSlice(state => state.blocks)
  const error = useSlice(state => state.errors.blocks)
  return (
    <Panel title="Blockchain" area="blocks" aside={<Head />}>
      {blocks === null ? (
        <Missing what="blocks" error={error} />
      ) : blocks.length === 0 ? (
        <Empty title="No block yet">The first one comes when more than two thirds of the validators are here.</Empty>
      ) : (
        <Rows blocks={blocks} />
      )}
    </Panel>
  )
}

function Head() {
  const chain = useSlice(state => state.status?.chain)
  if (chain === undefined) return null
  return (
    <span className="chain-head">
      <Waiting />
      <span>
        Height <b className="height">{heightName(chain.height)}</b>
      </span>
      <span className="chain-synced" data-tone={chain.synced ? 'good' : 'busy'}>
        <Icon name={chain.synced ? 'right' : 'busy'} />
        <Term name="synced">{chain.synced ? 'Synced' : 'Catching up'}</Term>
      </span>
    </span>
  )
}

function Waiting() {
  const waiting = useSlice(state => state.status?.waiting ?? null)
  if (waiting === null || waiting.transactions === 0) return null
  return (
    <span>
      {plural(waiting.transactions, 'transaction')} waiting
      {microOf(waiting.highestTip) !== 0n && (
        <>
          , <Term name="tip">tips</Term> up to {showAmount(waiting.highestTip)}
        </>
      )}
    </span>
  )
}

function Rows({ blocks }: { blocks: readonly BlockRow[] }) {
  const session = useSession()
  const [rows, setRows] = useState(ROWS_AT_FIRST)
  const last = blocks.at(-1)
  const lowest = useSlice(state => state.status?.chain.lowest ?? 1)
  const more = async () => {
    setRows(rows + ROWS_AT_FIRST)
    if (rows + ROWS_AT_FIRST > blocks.length && last && last.height > lowest) await session.earlierBlocks(last.height)
  }
  const canShowMore = rows < blocks.length || (last !== undefined && last.height > lowest)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll blocks-scroll" tabIndex={0} aria-label="Recent blocks, newest first, scrolls">
      <ol className="blocks">
        {blocks.slice(0, rows).map((block, at) => (
          <Row key={block.height} block={block} before={blocks[at + 1]} />
        ))}
      </ol>
      {canShowMore && (
        <button type="button" className="quiet more" onClick={() => void more()}>
          Earlier blocks
        </button>
      )}
      {!canShowMore && lowest > 1 && (
        <p className="soft more">
          Blocks before {heightName(lowest)} are not kept by this node; archive nodes have them.
        </p>
      )}
    </section>
  )
}

function Row({ block, before }: { block: BlockRow; before: BlockRow | undefined }) {
  const { lines, hidden, versions } = eventLines(block, before, LINES_IN_ROW)
  return (
    <li>
      <a className="block-height" href={linkTo('block', block.height)} aria-label={`Block ${heightName(block.height)}`}>
        {heightName(block.height)}
      </a>
      <span className="block-age">
        <Ago at={block.time} />
      </span>
      <ul className="block-lines">
        {versions.map(({ id, version }) => (
          <li key={id} className="block-version">
            {id} reached version {version}
          </li>
        ))}
        {lines.map((event, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a finalised block never change
          <li key={at} className={event.type === 'model' ? 'block-version' : undefined}>
            {event.text}
          </li>
        ))}
        {lines.length === 0 && versions.length === 0 && <li className="soft">nothing but the votes</li>}
        {hidden > 0 && <li className="soft">and {plural(hidden, 'more line')}</li>}
      </ul>
    </li>
  )
}
