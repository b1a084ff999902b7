import { decode, encode, taggedHash, utf8 } from '@hydraai/core'
import { type Block, blockCodec, blockHash, commitHash, type Header, resultsRoot } from '@hydraai/ledger'
import type { Actor, ActorHost } from '../../actor.ts'
import { forgeProposal, proposalMessage, proposalOf } from '../messages.ts'

const HOUR_MS = 3_600_000
const WRONG = taggedHash('wrong', utf8('a hash of nothing'))

/** What can be wrong with a block. Each gives its bytes as they are sent. */
const FLAWS: Record<string, (block: Block, host: ActorHost) => Uint8Array> = {
  'state root': block => withHeader(block, { state: WRONG }),
  'root of events': block => withHeader(block, { events: WRONG }),
  parent: block => withHeader(block, { parent: WRONG }),
  committee: block => withHeader(block, { committee: WRONG }),
  'next committee': block => withHeader(block, { nextCommittee: WRONG }),
  'beacon proof of something else': (block, host) => withHeader(block, { beaconProof: host.keys.prove(utf8('else')) }),
  'time to come': block => withHeader(block, { time: block.header.time + HOUR_MS }),
  'time gone by': block => withHeader(block, { time: 1 }),
  height: block => withHeader(block, { height: block.header.height + 1 }),
  chain: block => withHeader(block, { chainId: 'another' }),
  proposer: (block, host) => withHeader(block, { proposer: otherMember(host) }),
  'hash of a model': block =>
    withHeader(block, { models: block.header.models.map(model => ({ ...model, parameters: WRONG })) }),
  'an aggregation that nobody computed': block => {
    const [model] = block.header.models
    const results = model ? [{ type: 'model', model: model.id, round: 1, parameters: WRONG, momentum: WRONG }] : []
    const header = { ...block.header, results: resultsRoot(results as never) }
    return tryEncode({ ...block, header, results: results as never })
  },
  'a last commit of a few': block => {
    const { lastCommit } = block
    if (lastCommit === null) return withHeader(block, { lastCommit: WRONG })
    const few = { ...lastCommit, precommits: lastCommit.precommits.slice(0, 1) }
    return tryEncode({ ...block, lastCommit: few, header: { ...block.header, lastCommit: commitHash(few) } })
  },
  'a transaction twice': block => tryEncode({ ...block, transactions: [...block.transactions, ...block.transactions] }),
  'too large': (block, host) => {
    const bytes = new Uint8Array(host.genesis.parameters.maxBlockBytes + 1)
    bytes.set(encode(blockCodec, block).subarray(0, bytes.length))
    return bytes
  },
  'cut off': block => encode(blockCodec, block).slice(0, -7),
}

/** Proposes a block with something wrong whenever its turn comes: something else each time. */
export function invalidProposer(): Actor {
  const names = Object.keys(FLAWS)
  return {
    kind: 'invalid blocks',
    onPublish(message, host) {
      const said = proposalOf(message)
      if (said === null) return [message]
      const flaw = FLAWS[names[host.random.below(names.length)]!]!
      const bytes = flaw(decode(blockCodec, said.block), host)
      const { height, round, validRound } = said.proposal
      const proposal = forgeProposal(host, { height, round, validRound, valueId: idOf(bytes) })
      return [proposalMessage(proposal, bytes)]
    },
  }
}

function withHeader(block: Block, change: Partial<Header>): Uint8Array {
  return tryEncode({ ...block, header: { ...block.header, ...change } })
}

function tryEncode(block: Block): Uint8Array {
  try {
    return encode(blockCodec, block)
  } catch {
    return utf8('no block at all')
  }
}

function idOf(bytes: Uint8Array) {
  try {
    return blockHash(decode(blockCodec, bytes).header)
  } catch {
    return WRONG
  }
}

function otherMember({ node, keys }: ActorHost) {
  const { validators } = node.chain.committee()
  return (validators.find(({ address }) => address !== keys.address) ?? validators[0]!).address
}
