import type { DriverEffect, DriverInput, SignedProposal } from '@hydraai/consensus'
import type { ConsensusMessage, LogRecord, Payload } from './messages.ts'

type WithBlock<T> = T extends { block: unknown } ? Omit<T, 'block'> & { readonly block: Uint8Array } : T

/** A log record that is an input of the machine, with its block. */
export type InputRecord = WithBlock<Exclude<LogRecord, { type: 'height' }>>

/** Names a message among those of its height. */
export function keyOf(message: ConsensusMessage): string {
  const { type } = message
  if (type === 'vote') {
    const { vote } = message
    return `${vote.type}/${vote.round}/${vote.validator}/${vote.valueId ?? 'nil'}`
  }
  return proposalKeyOf(message.proposal)
}

/** The same for a proposal whole, announced and in parts. */
export function proposalKeyOf({ round, valueId, validRound }: SignedProposal): string {
  return `proposal/${round}/${valueId}/${validRound}`
}

/** The message that a log record stands for, if it came from or goes to the network. */
export function messageOf(record: InputRecord): ConsensusMessage | null {
  if (record.type === 'vote') return { type: 'vote', vote: record.vote }
  return record.type === 'proposal' ? messageOfProposal(record) : null
}

/** What a peer that asks for a proposal gets: with its block, or what tells which parts to ask for. */
export function messageOfProposal(parts: {
  proposal: SignedProposal
  payload: Payload | null
  block: Uint8Array
}): ConsensusMessage {
  const { proposal, payload, block } = parts
  return payload ? { type: 'announcement', proposal, payload } : { type: 'proposal', proposal, block }
}

export function heightOf(record: InputRecord): number {
  switch (record.type) {
    case 'vote':
      return record.vote.height
    case 'proposal':
      return record.proposal.height
    case 'timeout':
      return record.timeout.height
    case 'value':
      return record.height
  }
}

export function inputOf(record: InputRecord): DriverInput {
  switch (record.type) {
    case 'vote':
      return { type: 'Vote', vote: record.vote }
    case 'proposal':
      return { type: 'Proposal', proposal: record.proposal, valid: record.valid, timely: record.timely }
    case 'timeout':
      return { type: 'Timeout', timeout: record.timeout }
    case 'value':
      return { type: 'ValueReady', height: record.height, round: record.round, valueId: record.valueId }
  }
}

/** Whether a logged input is the answer to an effect that was still open. */
export function answers(record: InputRecord, effect: DriverEffect): boolean {
  switch (effect.type) {
    case 'GetValue':
      return record.type === 'value' && record.round === effect.round
    case 'SignProposal':
      return (
        record.type === 'proposal' &&
        record.proposal.round === effect.proposal.round &&
        record.proposal.proposer === effect.proposal.proposer
      )
    case 'SignVote':
      return (
        record.type === 'vote' &&
        record.vote.type === effect.vote.type &&
        record.vote.round === effect.vote.round &&
        record.vote.validator === effect.vote.validator
      )
    case 'ScheduleTimeout':
      return (
        record.type === 'timeout' &&
        record.timeout.kind === effect.timeout.kind &&
        record.timeout.round === effect.timeout.round
      )
    default:
      return false
  }
}
