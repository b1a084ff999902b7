import { Fragment } from 'react'
import { groupDigits } from '../model/amounts.ts'
import { humanise } from '../model/words.ts'
import { Id } from '../parts/Id.tsx'

/** Fields as the node names them, whatever they are: what this page does not know is shown all the same. */
export function Fields({
  fields,
  except = [],
}: {
  fields: Readonly<Record<string, unknown>>
  except?: readonly string[]
}) {
  const shown = Object.entries(fields).filter(([name]) => !except.includes(name))
  if (shown.length === 0) return <p className="soft">None.</p>
  return (
    <dl className="fields">
      {shown.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{humanise(name)}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </Fragment>
      ))}
    </dl>
  )
}

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === '') return <span className="soft">none</span>
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return Number.isInteger(value) ? groupDigits(value) : String(value)
  if (typeof value === 'string') {
    if (/^0x[0-9a-fA-F]{40}$/.test(value)) return <Id id={value} kind="account" full />
    return /^[0-9a-f]{32,}$/.test(value) ? <Id id={value} full /> : value
  }
  return <code className="json">{JSON.stringify(value, null, 1)}</code>
}
