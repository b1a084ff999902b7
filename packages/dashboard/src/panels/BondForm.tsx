import { type FormEvent, type ReactNode, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import { checkSpending } from '../model/payment.ts'
import { Field } from '../parts/Field.tsx'
import { useSession } from '../session.ts'
import { Sent } from './Sent.tsx'

interface BondFormProps {
  readonly label: string
  readonly verb: string
  readonly busy: string
  readonly done: string
  /** As much as can be entered, and where that is. */
  readonly available: string
  readonly where?: string
  readonly send: (amount: string) => Promise<{ readonly transaction: string | null }>
  readonly children: ReactNode
}

/** One amount that moves between balance and stake. */
export function BondForm({ label, verb, busy, done, available, where, send, children }: BondFormProps) {
  const session = useSession()
  const [amount, setAmount] = useState('')
  const [error, setError] = useState<string | undefined>()
  const [sending, setSending] = useState(false)
  const [sent, setSent] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setSent(null)
    const checked = checkSpending(amount, available, where)
    setError(checked.error ?? undefined)
    if (checked.error !== null) return
    setSending(true)
    try {
      setSent((await send(checked.amount)).transaction ?? '')
      setAmount('')
      void session.refreshWallet()
    } catch (refused) {
      setError(sentenceOf(refused))
    }
    setSending(false)
  }
  return (
    <form onSubmit={event => void submit(event)} noValidate className="form">
      {children}
      <Field label={label} hint="1.0" inputMode="decimal" value={amount} error={error} onChange={setAmount} />
      <button type="submit" className="primary" disabled={sending}>
        {sending ? busy : verb}
      </button>
      <Sent transaction={sent} what={done} />
    </form>
  )
}
