import { type FormEvent, useId, useState } from 'react'
import { api, sentenceOf } from '../api/client.ts'
import { showMicro } from '../model/amounts.ts'
import { checkPayment, MAX_MEMO_BYTES, type Payment, type PaymentErrors } from '../model/payment.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Field } from '../parts/Field.tsx'
import { useSession } from '../session.ts'
import { Sent } from './Sent.tsx'

const blank = { to: '', amount: '', memo: '', tip: '' }

interface SendFormProps {
  readonly token: string
  readonly from: { readonly address: string; readonly balance: string }
}

/** Checks a transfer, shows it whole for confirmation, and only then sends it. */
export function SendForm({ token, from }: SendFormProps) {
  const [draft, setDraft] = useState(blank)
  const [errors, setErrors] = useState<PaymentErrors>({})
  const [payment, setPayment] = useState<Payment | null>(null)
  const [sent, setSent] = useState<string | null>(null)
  const review = (event: FormEvent) => {
    event.preventDefault()
    const checked = checkPayment(draft, from)
    setErrors(checked.errors)
    setPayment(checked.payment)
    setSent(null)
  }
  const set = (field: keyof typeof blank) => (value: string) => {
    setDraft({ ...draft, [field]: value })
    setErrors({ ...errors, [field]: undefined } as PaymentErrors)
  }
  return (
    <form onSubmit={review} noValidate className="form">
      <Field label="To" hint="0x…" mono value={draft.to} error={errors.to} onChange={set('to')} />
      <Field
        label="Amount in HYDRA"
        hint="1.5"
        inputMode="decimal"
        value={draft.amount}
        error={errors.amount}
        onChange={set('amount')}
      />
      <Field
        label={`Note (optional, public, ${MAX_MEMO_BYTES} bytes)`}
        value={draft.memo}
        error={errors.memo}
        onChange={set('memo')}
      />
      <Field
        label="Tip in HYDRA (optional, to whoever takes it into a block)"
        inputMode="decimal"
        value={draft.tip}
        error={errors.tip}
        onChange={set('tip')}
      />
      <button type="submit" className="primary">
        Review
      </button>
      <Sent transaction={sent} what="Sent" />
      {payment !== null && (
        <Confirm
          token={token}
          payment={payment}
          onClose={() => setPayment(null)}
          onSent={transaction => {
            setPayment(null)
            setDraft(blank)
            setSent(transaction)
          }}
        />
      )}
    </form>
  )
}

interface ConfirmProps {
  readonly token: string
  readonly payment: Payment
  readonly onClose: () => void
  readonly onSent: (transaction: string) => void
}

function Confirm({ token, payment, onClose, onSent }: ConfirmProps) {
  const session = useSession()
  const id = useId()
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const send = async () => {
    setBusy(true)
    setRefused(null)
    try {
      const { to, amount, memo, tip } = payment
      const { transaction } = await api.send(token, {
        to,
        amount,
        ...(memo === '' ? {} : { memo }),
        ...(tip === 0n ? {} : { tip: showMicro(tip).replaceAll(',', '') }),
      })
      void session.refreshWallet()
      onSent(transaction ?? '')
    } catch (error) {
      setRefused(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={`Send ${showMicro(payment.micro)} HYDRA?`} className="modal" onClose={onClose}>
      <dl className="confirm" id={id}>
        <dt>To</dt>
        <dd className="mono">{payment.to}</dd>
        {payment.memo !== '' && (
          <>
            <dt>Note</dt>
            <dd>{payment.memo}</dd>
          </>
        )}
        {payment.tip > 0n && (
          <>
            <dt>Tip</dt>
            <dd>{showMicro(payment.tip)} HYDRA</dd>
          </>
        )}
        <dt>Left in the wallet</dt>
        <dd>{showMicro(payment.left)} HYDRA</dd>
      </dl>
      <p>A transfer cannot be taken back. Compare the whole address with the one you were given.</p>
      <p className="refused" role="status">
        {refused}
      </p>
      <div className="buttons">
        <button type="button" className="primary" aria-describedby={id} disabled={busy} onClick={() => void send()}>
          {busy ? 'Sending…' : `Send ${showMicro(payment.micro)} HYDRA`}
        </button>
        <button type="button" onClick={onClose}>
          Back
        </button>
      </div>
    </Dialog>
  )
}
