import {
  commitCodec,
  committeeHash,
  type DriverState,
  driverStep,
  evidenceCodec,
  signedProposalCodec,
  signedVoteCodec,
  verifyCommit,
  verifyEvidence,
  verifyProposal,
  verifyVote,
} from '@hydraai/consensus'
import { encode, equalBytes } from '@hydraai/core'
import { blockCodec, blockHash, committeeOf } from '@hydraai/ledger'
import { type ConsensusMessage, consensusMessageCodec } from '@hydraai/node'
import {
  catchUpResponseCodec,
  chooseMessages,
  logRecordCodec,
  MAX_MESSAGE_BYTES,
  payloadSignBytes,
} from '../../../packages/node/src/consensus/messages.ts'
import { Assembly, PART_BYTES, PartedBlock, partsCodec } from '../../../packages/node/src/consensus/parts.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'
import { codecTarget } from './codecTarget.ts'
import { digestOf, evidenceOf, proposalOf, sample, voteOf } from './world.ts'

export function targets(): readonly Target[] {
  const { world, founders, before } = sample()
  const { chainId } = world.state
  const committee = committeeOf(before[0]!)
  const block = world.blocks[0]!
  const valueId = blockHash(block.header)
  const votes = founders.flatMap(keys =>
    (['prevote', 'precommit'] as const).flatMap(type =>
      [valueId, null, digestOf('other')].map(value =>
        voteOf(keys, { type, height: 1, round: 0, valueId: value }, chainId),
      ),
    ),
  )
  const proposal = proposalOf(0)
  const blockBytes = encode(blockCodec, block)
  const large = new PartedBlock(Uint8Array.from({ length: 2 * PART_BYTES + 77 }, (_, i) => i % 253))
  const unsigned = { bytes: large.block.length, root: large.root }
  const proposer = founders.find(keys => keys.address === proposal.proposer)!
  const payload = { ...unsigned, signature: proposer.sign(payloadSignBytes(chainId, proposal, unsigned)) }
  const parts = [0, 1, 2].map(index => large.part(index))
  const messages: ConsensusMessage[] = [
    { type: 'proposal', proposal, block: blockBytes },
    { type: 'announcement', proposal, payload },
    { type: 'part', proposal, payload, part: parts[2]! },
    ...votes.slice(0, 4).map(vote => ({ type: 'vote' as const, vote })),
  ]
  const running = driverStep(null, { type: 'StartHeight', height: 1, committee, self: founders[1].address }).state
  /** Messages that a host has checked and judged, into a running machine: nothing that decodes may break it. */
  function drive(state: DriverState, message: ConsensusMessage): DriverState {
    if (message.type === 'vote') return driverStep(state, { type: 'Vote', vote: message.vote }).state
    const judged = driverStep(state, { type: 'Proposal', proposal: message.proposal, valid: true }).state
    return driverStep(judged, { type: 'Proposal', proposal: message.proposal, valid: false }).state
  }
  const commits = world.blocks.flatMap(one => (one.lastCommit === null ? [] : [one.lastCommit]))
  return [
    codecTarget('vote', signedVoteCodec, votes, {
      use(vote) {
        drive(running, { type: 'vote', vote })
        verifyVote(chainId, committee, vote)
      },
    }),
    codecTarget('proposal', signedProposalCodec, [proposal, proposalOf(1)], {
      use(read) {
        drive(running, { type: 'proposal', proposal: read, block: blockBytes })
        verifyProposal(chainId, committee, read)
      },
    }),
    codecTarget('commit', commitCodec, commits, {
      maxBytes: 65_536,
      use: commit => verifyCommit(chainId, committee, commit),
    }),
    codecTarget('evidence', evidenceCodec, [evidenceOf(world, founders[2])], {
      use: evidence => verifyEvidence(chainId, committee, evidence),
    }),
    codecTarget('consensus-message', consensusMessageCodec, messages, {
      maxBytes: MAX_MESSAGE_BYTES,
      use: message => void unlessRefused(() => drive(running, message)),
    }),
    codecTarget('block-parts', partsCodec, [parts, parts.toReversed()], {
      use(read) {
        const assembly = new Assembly(large.root, large.block.length)
        for (const part of read) assembly.take(part)
        if (assembly.block !== null) promise(equalBytes(assembly.block, large.block), 'another block came together')
        promise(
          assembly.missing().length + new Set(read.map(part => part.index)).size >= 3,
          'a part counts that never came',
        )
      },
    }),
    codecTarget('consensus-log', logRecordCodec, [
      { type: 'height', height: 3 },
      { type: 'vote', vote: votes[0]! },
      { type: 'proposal', proposal, block: blockBytes, payload: null, valid: true, timely: true },
      { type: 'proposal', proposal, block: blockBytes, payload, valid: true, timely: false },
      { type: 'value', height: 1, round: 0, valueId, block: blockBytes },
      { type: 'timeout', timeout: { kind: 'propose', height: 1, round: 0 } },
    ]),
    codecTarget('catch-up', catchUpResponseCodec, [messages.map(one => encode(consensusMessageCodec, one))], {
      use(read) {
        const chosen = chooseMessages(read, 100_000)
        promise(chosen.reduce((sum, one) => sum + one.length, 0) <= 100_000, 'more messages were chosen than fit')
        promise(committeeHash(committee).length === 64, 'a committee has no hash')
      },
    }),
  ]
}
