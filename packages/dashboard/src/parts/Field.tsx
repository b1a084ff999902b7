import { useId } from 'react'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly hint?: string
  readonly mono?: boolean
  readonly inputMode?: 'decimal' | 'text'
}

/** A labelled text field whose error is read out with it. */
export function Field({ label, value, onChange, error, hint, mono = false, inputMode = 'text' }: FieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={mono ? 'mono' : undefined}
        value={value}
        placeholder={hint}
        inputMode={inputMode}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error`}
        onChange={event => onChange(event.target.value)}
      />
      <p className="refused" id={`${id}-error`} role="status">
        {error}
      </p>
    </div>
  )
}
