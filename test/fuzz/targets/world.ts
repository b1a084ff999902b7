// A chain in memory with something of every kind in it, for the targets to begin with.
import {
  type Evidence,
  makeEvidence,
  proposalSignBytes,
  type SignedProposal,
  type SignedVote,
  voteSignBytes,
} from '@hydraai/consensus'
import type { Hash, KeyPair } from '@hydraai/core'
import { blockHash, type LedgerEvent, type LedgerState, type SignedTransaction } from '@hydraai/ledger'
import {
  digestOf,
  person,
  publishOf,
  queryOf,
  signedPrecommit,
  verdictOf,
  World,
  withBalance,
  workOf,
} from '../../../packages/ledger/test/world.ts'

export { digestOf, person, signedPrecommit, World }

export interface Sample {
  readonly world: World
  /** Before the block at the same index was applied. */
  readonly before: readonly LedgerState[]
  readonly transactions: readonly SignedTransaction[]
  /** Of each block. */
  readonly events: readonly (readonly LedgerEvent[])[]
  readonly founders: readonly [KeyPair, KeyPair, KeyPair, KeyPair]
}

let made: Sample | undefined

/** Eight-odd blocks: transfers, a registration, a round of training to its end, a publication, an answer paid for. */
export function sample(): Sample {
  made ??= makeSample()
  return made
}

function makeSample(): Sample {
  const world = new World()
  const founders = world.founders as [KeyPair, KeyPair, KeyPair, KeyPair]
  const [alice, bob, carol] = founders
  for (const keys of founders) withBalance(world, keys, 2_000_000_000n)
  const before: LedgerState[] = []
  const events: LedgerEvent[][] = []
  const next = (transactions: SignedTransaction[], updates: Parameters<World['next']>[1] = []) => {
    before.push(world.state)
    events.push(world.next(transactions, updates).events)
  }
  const until = (phase: string) => {
    for (let i = 0; i < 40 && world.round.phase !== phase; i++) next([])
  }
  const place = { round: 1, unit: 0 }
  next([
    world.sign(alice, { type: 'transfer', to: bob.address, amount: 1_000n, memo: 'thanks' }),
    world.sign(bob, { type: 'stake', amount: 1_000_000n }),
    world.sign(bob, { type: 'unstake', amount: 500_000n }, 1),
    world.register(person('newcomer')),
    world.sign(carol, queryOf(world.state, carol, bob)),
    world.sign(founders[3], publishOf()),
  ])
  next([world.sign(alice, workOf(alice, 1, 0).commit), world.sign(bob, evidenceAction(world, carol))])
  until('reveal')
  next([world.sign(alice, workOf(alice, 1, 0).reveal)])
  until('verify')
  for (let i = 0; i < 5 && (world.round.updates[0]?.verifiers.length ?? 0) === 0; i++) next([])
  const drawn = world.round.updates[0]?.verifiers.map(verifier => verifier.address) ?? []
  next(
    founders.filter(keys => drawn.includes(keys.address)).map(keys => world.sign(keys, verdictOf(keys, alice, place))),
  )
  until('settle')
  next([world.sign(alice, workOf(alice, 1, 0).settle)])
  if (world.round.phase === 'aggregate') next([], [world.modelUpdate()])
  next([])
  return { world, before, transactions: world.blocks.flatMap(block => block.transactions), events, founders }
}

export function voteOf(keys: KeyPair, vote: Omit<SignedVote, 'validator' | 'signature'>, chainId: string): SignedVote {
  const unsigned = { ...vote, validator: keys.address }
  return { ...unsigned, signature: keys.sign(voteSignBytes(chainId, unsigned)) }
}

export function evidenceOf(world: World, keys: KeyPair): Evidence {
  const vote = (valueId: Hash | null) =>
    voteOf(keys, { type: 'prevote', height: world.state.height + 1, round: 0, valueId }, world.state.chainId)
  return makeEvidence(vote(digestOf('one')), vote(null))
}

function evidenceAction(world: World, keys: KeyPair) {
  return { type: 'evidence' as const, evidence: evidenceOf(world, keys) }
}

/** The proposal of the sample's block `i`, as its proposer would have signed it. */
export function proposalOf(i: number): SignedProposal {
  const { world, founders } = sample()
  const block = world.blocks[i]!
  const keys = founders.find(one => one.address === block.header.proposer)!
  const proposal = {
    height: block.header.height,
    round: 0,
    valueId: blockHash(block.header),
    validRound: -1,
    proposer: keys.address,
  }
  const bytes = proposalSignBytes(world.state.chainId, proposal)
  return { ...proposal, signature: keys.sign(bytes) }
}
