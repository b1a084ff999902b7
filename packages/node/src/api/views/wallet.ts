import {
  type Address,
  formatAmount,
  HydraError,
  type Micro,
  parseAddress,
  parseAmount,
  segmentsOf,
} from '@hydraai/core'
import { type Action, accountOf, type LedgerState, senderOf, shareOf } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { WalletAnswer } from '../http/schemas.ts'
import { unbondingOf } from './unbonding.ts'
import { signedAmount } from './words.ts'

export function walletAnswer(node: HydraNode): WalletAnswer {
  const { address, state } = node
  const { balance, stake, feeCredit, nonce } = accountOf(state, address)
  const { incoming, outgoing } = waiting(node)
  return {
    address,
    balance: formatAmount(balance),
    pending: signedAmount(expected(state, address) + incoming - outgoing),
    stake: formatAmount(stake),
    unbonding: formatAmount(unbondingOf(node, state, address).reduce((sum, { amount }) => sum + amount, 0n)),
    feeCredit: formatAmount(feeCredit),
    nonce,
  }
}

/** A transfer from what a person typed. @throws HydraError saying what to correct */
export function transferOf(
  node: HydraNode,
  request: { to: string; amount: string; memo: string; tip: string },
): { action: Action; tip: Micro } {
  const to = parseAddress(request.to.trim())
  const amount = positive(request.amount)
  const { memo } = request
  if (to === node.address)
    throw new HydraError('SEND_TO_SELF', 'This is your own address: sending to it would move nothing.', {
      advice: 'Enter the address of the receiver.',
    })
  if (Buffer.byteLength(memo) > 64 || /\p{Cc}/u.test(memo))
    throw new HydraError('MEMO_INVALID', 'The note is longer than 64 bytes or has characters that cannot be shown.', {
      advice: 'Shorten it; letters outside the Latin alphabet take two to four bytes each.',
    })
  const tip = parseAmount(request.tip.trim())
  checkAffordable(node, amount + tip)
  return { action: { type: 'transfer', to, amount, memo }, tip }
}

/** @throws HydraError saying what to correct */
export function stakeOf(node: HydraNode, request: { amount: string }): Action {
  const amount = positive(request.amount)
  checkAffordable(node, amount)
  return { type: 'stake', amount }
}

/** @throws HydraError saying what to correct */
export function unstakeOf(node: HydraNode, request: { amount: string }): Action {
  const amount = positive(request.amount)
  const { stake } = accountOf(node.state, node.address)
  const { minimumStake } = node.state.parameters
  const leaving = unstaking(node)
  const left = stake - leaving
  if (amount > left)
    throw new HydraError(
      'STAKE_TOO_LOW',
      `You have ${formatAmount(left)} HYDRA at stake${leaving > 0n ? ` besides ${formatAmount(leaving)} that you take back already` : ''}, which is less than ${formatAmount(amount)}.`,
      { advice: 'Enter a smaller amount.' },
    )
  if (amount < left && left - amount < minimumStake)
    throw new HydraError(
      'STAKE_TOO_LOW',
      `What would stay, ${formatAmount(left - amount)} HYDRA, is below the least stake of ${formatAmount(minimumStake)} HYDRA.`,
      { advice: `Take back all ${formatAmount(left)} HYDRA, or leave the least stake.` },
    )
  return { type: 'unstake', amount }
}

/** What is on its way out of the stake in transactions that wait for a block. */
function unstaking({ mempool, address }: HydraNode): Micro {
  let sum = 0n
  for (const id of mempool.ids()) {
    const transaction = mempool.get(id)
    if (transaction?.action.type === 'unstake' && senderOf(transaction) === address) sum += transaction.action.amount
  }
  return sum
}

function positive(text: string): Micro {
  const amount = parseAmount(text.trim())
  if (amount === 0n)
    throw new HydraError('AMOUNT_INVALID', 'The amount is 0.', { advice: 'Enter how much HYDRA to move, such as 1.5.' })
  return amount
}

/** What is already on its way counts: the ledger would refuse the second of two payments that only one can cover. */
function checkAffordable(node: HydraNode, amount: Micro): void {
  if (!node.synced)
    throw new HydraError('NOT_SYNCED', 'This node is still catching up, so it does not know its balance yet.', {
      advice: 'Try again when it has caught up.',
    })
  const { balance } = accountOf(node.state, node.address)
  const { outgoing } = waiting(node)
  if (amount <= balance - outgoing) return
  const free = balance > outgoing ? balance - outgoing : 0n
  const reserved = outgoing > 0n ? ` (${formatAmount(outgoing)} more are on their way out already)` : ''
  throw new HydraError(
    'BALANCE_TOO_LOW',
    `You have ${formatAmount(free)} HYDRA to spend${reserved}, which is not enough for ${formatAmount(amount)}.`,
    { advice: 'Enter a smaller amount. Stake and fee credit cannot be spent.' },
  )
}

/** Money on the move in transactions that wait for a block. */
function waiting({ mempool, address, state }: HydraNode): { incoming: Micro; outgoing: Micro } {
  let incoming = 0n
  let outgoing = 0n
  for (const id of mempool.ids()) {
    const transaction = mempool.get(id)
    if (transaction === undefined) continue
    const { to, amount, burnt = 0n } = movedBy(transaction.action, state.parameters.fees)
    if (senderOf(transaction) === address) outgoing += amount + burnt + transaction.tip
    else if (to === address) incoming += amount
  }
  return { incoming, outgoing }
}

/** What an action takes from its sender's balance, and who gets of it. Update fees come out of the fee credit at first. */
function movedBy(
  action: Action,
  fees: LedgerState['parameters']['fees'],
): { to?: Address; amount: Micro; burnt?: Micro } {
  switch (action.type) {
    case 'transfer':
      return { to: action.to, amount: action.amount }
    case 'stake':
      return { amount: action.amount }
    case 'publish':
      return { amount: fees.model }
    case 'query':
      return { to: action.server, amount: fees.query - fees.queryBurnt, burnt: fees.queryBurnt }
    default:
      return { amount: 0n }
  }
}

/** Rewards of the open rounds if all that is undecided turns out well: own units, and own verdicts on those of others. */
function expected(state: LedgerState, address: Address): Micro {
  let sum = 0n
  for (const { model, updates } of [...state.rounds.values(), ...state.settling.values()]) {
    const found = state.models.get(model)
    if (!found) continue
    const full = segmentsOf(found.recipe)
    const share = (amount: Micro) => shareOf(amount, found.rewardPpm)
    const { unit, verdict, replay } = state.parameters.rewards
    for (const { trainer, outcome, verdicts, verifiers } of updates) {
      if (outcome !== 'pending') continue
      if (trainer === address) sum += share(unit)
      if (!verdicts.some(({ verifier }) => verifier === address)) continue
      const { segments = 0 } = verifiers.find(drawn => drawn.address === address) ?? {}
      sum += share(verdict) + (share(replay) * BigInt(segments)) / BigInt(full)
    }
  }
  return sum
}
