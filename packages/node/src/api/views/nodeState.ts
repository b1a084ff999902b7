import { accountOf, FOUNDING_ROUND, openWork, type Round } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import { grouped } from '../../training/labels.ts'
import type { StatusAnswer } from '../http/schemas.ts'

export type NodeState = Pick<StatusAnswer, 'state' | 'reason'>

/** A block may be this late, beyond twice the interval, before it is called late. */
const LATE_MS = 10_000

/** What the node is doing, and why, in words for somebody who met it a minute ago. What keeps it from working comes first. */
export function stateOf(node: HydraNode): NodeState {
  return (
    starting(node) ??
    halted(node) ??
    syncing(node) ??
    late(node) ??
    paused(node) ??
    working(node) ?? { state: 'waiting', reason: whyWaiting(node) }
  )
}

function starting({ consensus }: HydraNode): NodeState | null {
  if (consensus.progress.height > 0) return null
  return { state: 'starting', reason: 'The node reads what it has stored and connects to the network.' }
}

function halted({ consensus }: HydraNode): NodeState | null {
  if (!consensus.progress.halted) return null
  const { height } = consensus.progress
  return {
    state: 'waiting',
    reason: `This node has stopped voting at block ${grouped(height)} because it could not go on safely, most often because the disk is full. Make room and start it again; its log says more.`,
  }
}

function syncing({ synced, chain, sync }: HydraNode): NodeState | null {
  if (synced) return null
  const left = (sync.target ?? chain.height) - chain.height
  const blocks = left === 1 ? '1 block' : `${grouped(left)} blocks`
  return { state: 'syncing', reason: `Catching up with the network: ${blocks} left to fetch and check.` }
}

/** Everything stands still while no block is decided, and the usual cause is that validators are away. */
function late(node: HydraNode): NodeState | null {
  const { chain, consensus, peers, ports } = node
  const { blockIntervalMs } = chain.genesis.parameters
  const since = chain.height === 0 ? Math.max(chain.tip.time, node.startedAt) : chain.tip.time
  const lateMs = ports.clock.now() - since
  if (lateMs < 2 * blockIntervalMs + LATE_MS) return null
  const { validators, totalPower } = chain.committee()
  const present = new Set([node.address, ...peers.all().map(peer => peer.address)])
  const connected = validators.filter(({ address }) => present.has(address))
  const power = connected.reduce((sum, validator) => sum + validator.power, 0)
  const { round } = consensus.progress
  const what = `Block ${grouped(chain.height + 1)} has been waiting for ${duration(lateMs)} (round ${round})`
  const enough = 3 * power > 2 * totalPower
  const who = `${connected.length} of ${validators.length} validators are connected to this node`
  const why = enough
    ? `${who}; they have not agreed yet, and each further round waits longer`
    : `${who}, and more than two thirds of the voting power must agree. It goes on as soon as they are back`
  return { state: 'waiting', reason: `${what}: ${why}.` }
}

function paused(node: HydraNode): NodeState | null {
  if (!node.paused) return null
  const votes = node.consensus.validates ? ' It still votes on blocks and checks the work of others.' : ''
  return { state: 'paused', reason: `You paused training on this node.${votes}` }
}

function working(node: HydraNode): NodeState | null {
  const { training, verifying } = node.activity
  if (training)
    return {
      state: 'training',
      reason: `Training on ${training.label} for round ${training.round} of ${training.model}.`,
    }
  if (!verifying) return null
  const { label, trainer, round } = verifying
  return {
    state: 'verifying',
    reason: `Checking ${label} of ${node.nameOf(trainer)}, to see whether the model may keep what round ${round} made of it.`,
  }
}

function whyWaiting(node: HydraNode): string {
  const { state, address } = node
  const account = accountOf(state, address)
  if (node.ports.network.peers().length === 0 && node.chain.committee().validators.length > 1)
    return 'No other node is connected yet; this one keeps looking for its peers.'
  if (!account.registered && account.stake === 0n)
    return 'This account is being registered: a short proof of work, then a block that takes it in. Training begins after that.'
  const round = nextRound(node)
  if (!round) {
    return node.only === null
      ? 'There is no model to train on this network.'
      : `This node trains ${node.only} only, which is not on this network any more. Choose another, or all.`
  }
  return phaseReason(node, round)
}

/** Of the models that this node trains, the round in which something can be done soonest. */
function nextRound({ state, only }: HydraNode): Round | undefined {
  const rounds = [...state.rounds.values()].filter(({ model }) => only === null || model === only)
  return rounds.sort((a, b) => a.phaseEndsAt - b.phaseEndsAt)[0]
}

function phaseReason(node: HydraNode, round: Round): string {
  const { state, address } = node
  const name = `Round ${grouped(round.number)} of ${round.model}`
  const end = `block ${grouped(round.phaseEndsAt)} at the latest`
  const { updates } = round
  const behind = state.settling.get(round.model)
  switch (round.phase) {
    case 'work': {
      const work = openWork(state, address).find(({ model }) => model === round.model)
      if (work?.reason === 'limit')
        return `${name}: this node has done all the units that one node may do in a round, and waits for the others until ${end}.`
      if (work?.reason === 'fee')
        return `${name}: this node cannot pay the fee of an update. It needs some HYDRA, or to be sent some.`
      return `${name} is open; the next unit begins with the next block.`
    }
    case 'reveal':
      return `${name}: ${count(updates.length, 'result')} committed, waiting for their trainers to show them, until ${end}.`
    case 'base':
      // What it waits for is the round before, as long as that is not settled.
      return behind
        ? phaseReason(node, behind)
        : `${name}: its results are put together for the next round to begin from, until ${end}.`
    case 'verify': {
      const drawn = updates.reduce((sum, update) => sum + update.verifiers.length, 0)
      if (drawn === 0) return `${name}: no other node can check the results now.`
      const given = updates.reduce((sum, update) => sum + update.verdicts.length, 0)
      return `${name}: waiting for the round's verdicts, ${grouped(given)} of ${grouped(drawn)} are in, until ${end}.`
    }
    case 'disclose':
      return `${name}: the verdicts are in; claims and findings are opened, and the ledger pays by ${end}.`
    case 'aggregate':
      if (round.number === FOUNDING_ROUND)
        return `${round.model} is new: the nodes fetch its data and compute what it begins with, until ${end}.`
      return `${name}: the accepted results are being put together into the next version of the model.`
  }
}

function count(n: number, what: string): string {
  return `${grouped(n)} ${what}${n === 1 ? '' : 's'}`
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`
}
