import { type Micro, microOf, showMicro } from './amounts.ts'

export const MAX_MEMO_BYTES = 64

export interface PaymentDraft {
  readonly to: string
  readonly amount: string
  readonly memo: string
  /** Empty for none. */
  readonly tip: string
}

export type PaymentErrors = { readonly [K in keyof PaymentDraft]?: string }

export interface Payment {
  readonly to: string
  readonly amount: string
  readonly micro: Micro
  readonly memo: string
  readonly tip: Micro
  readonly left: Micro
}

/** Checks a payment before anyone is asked to confirm it; the node checks again, the address's checksum included. */
export function checkPayment(
  draft: PaymentDraft,
  wallet: { readonly address: string; readonly balance: string },
): { readonly payment: Payment | null; readonly errors: PaymentErrors } {
  const to = draft.to.trim()
  const memo = draft.memo.trim()
  const spending = checkSpending(draft.amount, wallet.balance)
  const errors: Record<string, string> = {}
  if (to === '') errors.to = 'Who is it for? Paste the address of the receiver.'
  else if (!/^0x[0-9a-fA-F]{40}$/.test(to)) errors.to = 'An address is 0x and 40 characters of 0–9 and a–f.'
  else if (to.toLowerCase() === wallet.address.toLowerCase()) errors.to = 'This is your own address.'
  if (spending.error !== null) errors.amount = spending.error
  const tip = tipOf(draft.tip)
  if (tip === null) errors.tip = 'Write a tip as digits, for example 0.01, or leave it empty.'
  else if (spending.error === null && tip > spending.left)
    errors.tip = `With the amount, that is more than is in this wallet: ${showMicro(spending.left)} HYDRA would be left.`
  const memoBytes = new TextEncoder().encode(memo).length
  if (memoBytes > MAX_MEMO_BYTES) errors.memo = `A note has at most ${MAX_MEMO_BYTES} bytes; this has ${memoBytes}.`
  if (Object.keys(errors).length > 0 || spending.error !== null || tip === null) return { payment: null, errors }
  const { amount, micro, left } = spending
  return { payment: { to, memo, tip, amount, micro, left: left - tip }, errors: {} }
}

/** Null for what is no amount. */
function tipOf(typed: string): Micro | null {
  const text = typed.trim().replace(/^\./, '0.')
  return text === '' ? 0n : /^\d/.test(text) ? microOf(text) : null
}

type Spending =
  | { readonly error: string }
  | { readonly error: null; readonly amount: string; readonly micro: Micro; readonly left: Micro }

/** An amount typed by a person, against what they have. `amount` is the text to send, `left` what remains. */
export function checkSpending(typed: string, balance: string, where = 'in this wallet'): Spending {
  const amount = typed.trim().replace(/^\./, '0.').replace(/\.$/, '')
  if (amount === '') return { error: 'How much? For example 1.5' }
  if (/^\d+,\d+$/.test(amount)) return { error: 'Write decimals with a point, for example 1.5' }
  if (/^\d+\.\d{7,}$/.test(amount)) return { error: 'HYDRA has at most six decimals.' }
  const micro = /^\d/.test(amount) ? microOf(amount) : null
  if (micro === null) return { error: 'Write an amount as digits, for example 1.5' }
  if (micro === 0n) return { error: 'The amount has to be more than zero.' }
  const held = microOf(balance) ?? 0n
  if (micro > held) return { error: `That is more than the ${showMicro(held)} HYDRA ${where}.` }
  return { error: null, amount, micro, left: held - micro }
}
