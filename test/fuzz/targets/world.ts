// A chain in memory with something of every kind in it, for the targets to begin with.
import {
  type Evidence,
  makeEvidence,
  proposalSignBytes,
  type SignedProposal,
  type SignedVote,
  voteSignBytes,
} from '@hydraai/consensus'
import { type Findings, type Hash, type KeyPair, sectionsOf } from '@hydraai/core'
import {
  type Action,
  blockHash,
  type Challenge,
  type ComputedResult,
  type Dispute,
  type Genesis,
  type LedgerEvent,
  type LedgerState,
  narrowsDue,
  picksDue,
  resultsDue,
  type SignedTransaction,
} from '@hydraai/ledger'
import {
  digestOf,
  discloseOf,
  findingsOf,
  genesisOf,
  mismatchAt,
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

/**
 * Some thirty blocks: transfers, a registration, a publication, an answer paid for, and a round of training to its end:
 * one unit is paid, one is disputed down to a stretch of steps, one verdict is put before everybody.
 */
export function sample(): Sample {
  made ??= makeSample()
  return made
}

function makeSample(): Sample {
  const world = new World({ founders: 5, genesis: { models: [longModel()] } })
  const founders = world.founders.slice(0, 4) as [KeyPair, KeyPair, KeyPair, KeyPair]
  const culprit = world.founders[4]!
  const [alice, bob, carol] = founders
  for (const keys of founders) withBalance(world, keys, 2_000_000_000n)
  const before: LedgerState[] = []
  const events: LedgerEvent[][] = []
  const next = (transactions: SignedTransaction[] = [], results: ComputedResult[] = []) => {
    before.push(world.state)
    events.push(world.next(transactions, results).events)
  }
  const until = (isThere: () => boolean) => {
    for (let i = 0; i < 40 && !isThere(); i++) next()
  }
  const signAll = (keys: KeyPair, actions: readonly Action[]) => actions.map((action, i) => world.sign(keys, action, i))
  next([
    world.sign(alice, { type: 'transfer', to: bob.address, amount: 1_000n, memo: 'thanks' }),
    world.sign(bob, { type: 'stake', amount: 1_000_000n }),
    world.sign(bob, { type: 'unstake', amount: 500_000n }, 1),
    world.register(person('newcomer')),
    world.sign(carol, queryOf(world.state, carol, bob)),
    world.sign(founders[3], publishOf()),
  ])
  const trainers = [alice, bob, carol]
  next([
    ...trainers.map(keys => world.sign(keys, workOf(keys, 1, 0).commit)),
    world.sign(founders[3], evidenceAction(world, culprit)),
  ])
  until(() => world.round.phase === 'reveal')
  next(trainers.map(keys => world.sign(keys, workOf(keys, 1, 0).reveal)))
  next([], world.results())
  next()
  const said = trainers.flatMap(trainer =>
    founders
      .filter(keys => keys !== trainer)
      .map(verifier => ({ verifier, trainer, ...findingsBy(verifier, trainer) })),
  )
  for (const send of ['verdict', 'disclose'] as const) {
    if (send === 'disclose') until(() => world.settling?.phase === 'disclose')
    next(
      founders.flatMap(keys => {
        const own = said.filter(({ verifier }) => verifier === keys)
        const opened = send === 'disclose' && trainers.includes(keys) ? [workOf(keys, 1, 0).open] : []
        const actions = own.map(({ trainer, findings, challenge }) =>
          send === 'verdict'
            ? verdictOf(keys, trainer, PLACE, findings)
            : discloseOf(keys, trainer, PLACE, findings, challenge),
        )
        return signAll(keys, [...opened, ...actions])
      }),
    )
  }
  next([], world.results())
  for (const move of [pickOf, narrowOf, pickOf]) {
    const due = [...founders].flatMap(keys => move(world.state, keys))
    next(due.map(({ keys, action }) => world.sign(keys, action)))
  }
  next([], rulingsOf(world.state))
  next()
  return { world, before, transactions: world.blocks.flatMap(block => block.transactions), events, founders }
}

const PLACE = { round: 1, unit: 0 }

/** The test's model with segments so long that a dispute about one takes more than one move. */
function longModel(): Genesis['models'][number] {
  const [model] = genesisOf([]).models
  return { ...model!, recipe: { ...model!.recipe, stepsPerUnit: 200, traceEvery: 50 } }
}

/** Everybody is honest but two: the last founder of the unit of the second, and the first of that of the third. */
function findingsBy(verifier: KeyPair, trainer: KeyPair): { findings: Findings; challenge: Challenge | null } {
  const [first, second, third, last] = [0, 1, 2, 3].map(i => person(`founder ${i}`).address)
  if (verifier.address === last && trainer.address === second) {
    const { findings, challenge } = mismatchAt(trainer, PLACE, 1)
    const hashes = sectionsOf(50, 100).map(step => digestOf(`state after ${step}`))
    return { findings, challenge: { ...challenge, hashes } as Challenge }
  }
  if (verifier.address === first && trainer.address === third)
    return { findings: findingsOf(trainer, PLACE, 4, { freshAfter: 0x40000000 }), challenge: null }
  return { findings: findingsOf(trainer, PLACE), challenge: null }
}

interface Move {
  readonly keys: KeyPair
  readonly action: Action
}

function pickOf(state: LedgerState, keys: KeyPair): Move[] {
  return picksDue(state, keys.address).map(({ dispute, question }) => {
    // The first cut in which there is still something to narrow down, if there is one.
    const sections = sectionsOf(question.from, question.to)
    const lengths = sections.map((step, i) => step - (sections[i - 1] ?? question.from))
    return {
      keys,
      action: {
        type: 'pick',
        ...refOf(dispute),
        index: Math.max(
          0,
          lengths.findIndex(one => one > 1),
        ),
      },
    }
  })
}

function narrowOf(state: LedgerState, keys: KeyPair): Move[] {
  return narrowsDue(state, keys.address).map(({ dispute, question }) => {
    const { from, to, after } = question
    const hashes = sectionsOf(from, to).map(step => (step === to ? after : digestOf(`state after ${step}`)))
    return { keys, action: { type: 'narrow', ...refOf(dispute), hashes } }
  })
}

function rulingsOf(state: LedgerState): ComputedResult[] {
  return resultsDue(state).flatMap((due): ComputedResult[] => {
    if (due.type !== 'ruling') return []
    const { dispute, question } = due
    const ref = { type: 'ruling' as const, ...refOf(dispute) }
    if (question.type === 'step') return [{ ...ref, answer: { type: 'step', after: question.after } }]
    if (question.type !== 'findings') return []
    const { replay: _replay, ...findings } = findingsOf(person('founder 2'), PLACE)
    return [{ ...ref, answer: { type: 'findings', findings } }]
  })
}

function refOf({ model, round, update }: Dispute) {
  return { model, round, trainer: update.trainer, unit: update.unit }
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
