import { type Address, formatAmount } from '@hydraai/core'
import { type Account, accountOf, type ChainParameters, epochOf, type LedgerState, powerOf } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import { grouped } from '../../training/labels.ts'
import type { CommitteeAnswer } from '../http/schemas.ts'
import { timeOfBlock } from './unbonding.ts'

/** Of who has a stake and does not vote, so many are told one by one; the largest stakes first. */
const MAX_OTHERS = 200

/** Who decides the next block, who else has a stake and why it does not vote, and when that changes. */
export function committeeAnswer(node: HydraNode): CommitteeAnswer {
  const { state, chain } = node
  const { parameters, height } = state
  const epoch = epochOf(parameters, height + 1)
  const nextDraw = epoch * parameters.epochBlocks
  const totalPower = state.committee.reduce((sum, { power }) => sum + power, 0)
  const seated = new Set(state.committee.map(({ address }) => address))
  const staked = [...state.accounts.entries()].filter(([, account]) => account.stake > 0n)
  const others = staked.filter(([address]) => !seated.has(address)).sort(byStake)
  const row = (address: Address, account: Account) => ({
    address,
    name: account.name,
    self: address === node.address,
    stake: formatAmount(account.stake),
    reputation: account.reputation,
    restsUntil: account.restsUntil,
    why: whyOf(state, account, seated.has(address)),
  })
  return {
    height,
    blockHash: chain.tip.hash,
    epoch,
    epochBlocks: parameters.epochBlocks,
    nextDraw,
    nextDrawTime: timeOfBlock(node, nextDraw),
    nextDrawInMs: (nextDraw - height) * parameters.blockIntervalMs,
    size: parameters.committeeSize,
    minimumStake: formatAmount(parameters.minimumStake),
    unbondingMs: parameters.unbondingBlocks * parameters.blockIntervalMs,
    staked: staked.length,
    totalPower,
    members: state.committee.map(({ address, power }) => ({
      ...row(address, accountOf(state, address)),
      power,
      share: totalPower === 0 ? 0 : power / totalPower,
    })),
    others: others.slice(0, MAX_OTHERS).map(([address, account]) => row(address, account)),
    othersLeftOut: Math.max(0, others.length - MAX_OTHERS),
    self: { member: seated.has(node.address), why: whySelf(state, node.address, seated.has(node.address)) },
  }
}

/** How an account stands in the next draw, in a few words. */
function whyOf({ parameters, height }: LedgerState, account: Account, votes: boolean): string {
  const next = epochOf(parameters, height + 1) + 1
  if (account.slashed) return 'was slashed'
  if (powerOf(account, parameters) === 0)
    return votes ? 'leaves at the next draw' : `has less than ${least(parameters)}`
  if (account.lastActive + parameters.dormantBlocks < drawHeight(parameters, height))
    return `no sign of life since block #${grouped(account.lastActive)}`
  if (account.restsUntil >= next)
    return `missed a turn to propose: only for seats that others leave, until epoch ${grouped(account.restsUntil)}`
  return votes ? 'can be drawn again' : 'can be drawn'
}

function whySelf(state: LedgerState, address: Address, votes: boolean): string {
  const account = accountOf(state, address)
  const { parameters, height } = state
  const why = whyOf(state, account, votes)
  const draw = `In the next draw, at the end of block #${grouped(drawHeight(parameters, height))}: ${why}.`
  if (votes) return `You vote on blocks. ${draw}`
  if (account.slashed) return 'You lost your stake and cannot vote again with this account.'
  if (account.stake < parameters.minimumStake)
    return `You do not vote: put ${least(parameters)} or more at stake first.`
  return `You do not vote now. ${draw}`
}

function drawHeight(parameters: ChainParameters, height: number): number {
  return epochOf(parameters, height + 1) * parameters.epochBlocks
}

function least({ minimumStake }: ChainParameters): string {
  return `${formatAmount(minimumStake)} HYDRA`
}

/** Largest first; those alike by address, so that the order is the same everywhere. */
function byStake([a, { stake: stakeA }]: [Address, Account], [b, { stake: stakeB }]: [Address, Account]): number {
  if (stakeA !== stakeB) return stakeA > stakeB ? -1 : 1
  return a < b ? -1 : 1
}
