import { type KeyboardEvent, type ReactNode, useId } from 'react'

interface PanelProps {
  readonly title: string
  readonly area: string
  readonly aside?: ReactNode
  readonly children: ReactNode
  /** Keys pressed anywhere in it that nothing inside has taken. */
  readonly onKeyDown?: (event: KeyboardEvent) => void
}

/** One titled region of the page. */
export function Panel({ title, area, aside, children, onKeyDown }: PanelProps) {
  const id = useId()
  return (
    <section className={`panel panel-${area}`} aria-labelledby={id} onKeyDown={onKeyDown}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/** Says what is missing and why; the page never fills a gap with something made up. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  )
}

/** The state of a part that could not be fetched, or has not been yet. */
export function Missing({ what, error }: { what: string; error: string | undefined }) {
  return error === undefined ? (
    <Empty title={`Asking the node for ${what}…`} />
  ) : (
    <Empty title={`No ${what} to show`}>{error}</Empty>
  )
}

/** A label and a value, in a `<dl>`. */
export function Fact({ label, children, wide = false }: { label: ReactNode; children: ReactNode; wide?: boolean }) {
  return (
    <div className={wide ? 'fact fact-wide' : 'fact'}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
