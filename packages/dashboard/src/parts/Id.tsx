import { shorten } from '../model/amounts.ts'
import { linkTo, type Route } from '../model/route.ts'

interface IdProps {
  readonly id: string
  readonly kind?: Route['kind']
  readonly name?: string | null | undefined
  readonly full?: boolean
}

/** A hash or an address, shortened with the whole of it on hover; a link where there is something to open. */
export function Id({ id, kind, name, full = false }: IdProps) {
  const shown = name || (full ? id : shorten(id))
  const className = name ? 'id id-name' : full ? 'id id-full' : 'id'
  if (kind === undefined) {
    return (
      <span className={className} title={id}>
        {shown}
      </span>
    )
  }
  return (
    <a className={className} href={linkTo(kind, id)} title={id}>
      {shown}
    </a>
  )
}
