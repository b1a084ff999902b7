import { type FormEvent, useState } from 'react'
import { api, sentenceOf } from '../api/client.ts'
import { checkSpending } from '../model/payment.ts'
import { Field } from '../parts/Field.tsx'
import { useSession } from '../session.ts'
import { Sent } from './Sent.tsx'

/** Puts HYDRA down as stake. */
export function StakeForm({ token, from }: { token: string; from: { readonly balance: string } }) {
  const session = useSession()
  const [amount, setAmount] = useState('')
  const [error, setError] = useState<string | undefined>()
  const [busy, setBusy] = useState(false)
  const [sent, setSent] = useState<string | null>(null)
  const stake = async (event: FormEvent) => {
    event.preventDefault()
    setSent(null)
    const checked = checkSpending(amount, from.balance)
    setError(checked.error ?? undefined)
    if (checked.error !== null) return
    setBusy(true)
    try {
      setSent((await api.stake(token, { amount: checked.amount })).transaction ?? '')
      setAmount('')
      void session.refreshWallet()
    } catch (refused) {
      setError(sentenceOf(refused))
    }
    setBusy(false)
  }
  return (
    <form onSubmit={event => void stake(event)} noValidate className="form">
      <p>
        With at least 1.0 HYDRA of stake this node may vote on blocks and check others’ work, and earns for both. Stake
        is lost by voting twice at one height.
      </p>
      <Field label="Stake in HYDRA" hint="1.0" inputMode="decimal" value={amount} error={error} onChange={setAmount} />
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Staking…' : 'Stake'}
      </button>
      <Sent transaction={sent} what="Staked" />
    </form>
  )
}
