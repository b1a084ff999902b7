import { useEffect, useState } from 'react'

const THANKS_MS = 2_000

/** Copies a text and says so, to eyes and to screen readers. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), THANKS_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  return (
    <>
      <button type="button" className="quiet" onClick={() => void copy()} aria-label={label}>
        {outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Select it by hand' : 'Copy'}
      </button>
      <span className="for-readers" role="status">
        {outcome === 'copied' ? 'Copied.' : ''}
      </span>
    </>
  )
}
