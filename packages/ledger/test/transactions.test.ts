import { type Address, addressBytes, type KeyPair, MAX_MICRO, toHex, ZERO_HASH } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import { type Action, checkTransaction } from '../src/index.ts'
import {
  digestOf,
  discloseOf,
  findingsOf,
  MODEL,
  mismatchAt,
  person,
  signedPrecommit,
  TEST_PARAMETERS,
  verdictOf,
  World,
  withBalance,
  workOf,
} from './world.ts'

const alice = person('alice')
const bob = person('bob')
const code = (name: string) => expect.objectContaining({ code: name })

/** The block with this one transaction is refused for that reason, and nothing of it stays. */
function expectRefused(world: World, keys: typeof alice, action: Action, reason: string): void {
  const before = world.state
  expect(() => world.next([world.sign(keys, action)])).toThrow(code(reason))
  expect(world.state).toBe(before)
}

describe('transfer', () => {
  const send = (amount: bigint, to: Address = bob.address, memo = ''): Action => ({
    type: 'transfer',
    to,
    amount,
    memo,
  })

  it('moves the amount to an address the chain has never seen, and spends a nonce', () => {
    const world = withBalance(new World(), alice, 100n)
    const { events } = world.next([world.sign(alice, send(40n, bob.address, 'for you'))])
    expect(world.account(alice)).toMatchObject({ balance: 60n, nonce: 1, publicKey: alice.publicKey })
    expect(world.account(bob)).toMatchObject({ balance: 40n, nonce: 0, publicKey: null, registered: false })
    expect(events).toContainEqual(expect.objectContaining({ type: 'transfer', amount: 40n, memo: 'for you' }))
  })

  it('refuses more than there is, nothing, oneself, control characters and a misspelt address', () => {
    const world = withBalance(new World(), alice, 100n)
    const lower = `0x${toHex(addressBytes(bob.address))}` as Address
    expectRefused(world, alice, send(101n), 'BALANCE_TOO_LOW')
    expectRefused(world, alice, send(0n), 'AMOUNT_INVALID')
    expectRefused(world, alice, send(1n, alice.address), 'TRANSACTION_INVALID')
    expectRefused(world, alice, send(1n, bob.address, 'a\u001b[2J'), 'TRANSACTION_INVALID')
    expectRefused(world, alice, send(1n, lower), 'TRANSACTION_INVALID')
  })

  it('refuses to lift a balance beyond what an amount can hold', () => {
    const world = withBalance(withBalance(new World(), alice, 20n), bob, MAX_MICRO - 10n)
    expect(() => checkTransaction(world.state, world.sign(alice, send(10n)))).not.toThrow()
    expect(() => checkTransaction(world.state, world.sign(alice, send(11n)))).toThrow(code('AMOUNT_OVERFLOW'))
  })

  it('leaves nothing behind when it fails between debit and credit, and the next transaction still counts', () => {
    const world = withBalance(new World(), alice, 100n)
    const built = () => world.next([world.sign(alice, send(50n)), world.sign(alice, send(51n), 1)])
    expect(built).toThrow(code('BALANCE_TOO_LOW'))
    world.next([world.sign(alice, send(50n)), world.sign(alice, send(50n), 1)])
    expect(world.account(alice)!.balance).toBe(0n)
  })
})

describe('register', () => {
  it('takes work and nothing else, once, and gives fee credit', () => {
    const world = new World()
    world.next([world.register(alice, 'alice123')])
    expect(world.account(alice)).toMatchObject({ registered: true, name: 'alice123', feeCredit: 100_000n, balance: 0n })
    expect(() => world.next([world.register(alice)])).toThrow(code('ALREADY_REGISTERED'))
    expect(() => world.next([world.register(world.founders[0]!)])).toThrow(code('ALREADY_REGISTERED'))
  })

  it('refuses too little work, work done for another key, and names that are more than names', () => {
    const world = new World({
      genesis: { parameters: { ...new World().genesis.parameters, registrationDifficulty: 12 } },
    })
    const good = world.register(alice).action
    if (good.type !== 'register') throw new Error('not a registration')
    expectRefused(world, alice, { ...good, work: new Uint8Array(8).fill(255) }, 'WORK_INSUFFICIENT')
    expectRefused(world, bob, good, 'WORK_INSUFFICIENT')
    for (const name of ['', '<b>', 'a b', 'é', '-x', 'a\n', '\u202e'])
      expectRefused(world, alice, { ...good, name }, 'TRANSACTION_INVALID')
  })
})

describe('stake', () => {
  it('moves balance to stake from the minimum on, in one step or more', () => {
    const world = withBalance(new World(), alice, 3_000_000n)
    expectRefused(world, alice, { type: 'stake', amount: 999_999n }, 'STAKE_TOO_LOW')
    expectRefused(world, alice, { type: 'stake', amount: 3_000_001n }, 'BALANCE_TOO_LOW')
    expectRefused(world, alice, { type: 'stake', amount: 0n }, 'AMOUNT_INVALID')
    world.next([world.sign(alice, { type: 'stake', amount: 1_000_000n })])
    world.next([world.sign(alice, { type: 'stake', amount: 1n })])
    expect(world.account(alice)).toMatchObject({ balance: 1_999_999n, stake: 1_000_001n, lastActive: 2 })
  })
})

describe('commit', () => {
  const world = () => new World()

  it('is for the registered, for the current round, in order of units, up to the limit', () => {
    const here = world()
    const [founder] = here.founders
    const commit = (unit: number, round = 1) => workOf(founder!, round, unit).commit
    expectRefused(here, alice, workOf(alice, 1, 0).commit, 'NOT_REGISTERED')
    expectRefused(here, founder!, commit(1), 'UNIT_REFUSED')
    expectRefused(here, founder!, commit(0, 2), 'ROUND_NOT_CURRENT')
    expectRefused(here, founder!, { ...commit(0), model: 'other' } as Action, 'MODEL_UNKNOWN')
    here.next([0, 1, 2].map(unit => here.sign(founder!, commit(unit), unit)))
    expect(here.round.updates.map(update => update.unit)).toEqual([0, 1, 2])
    expectRefused(here, founder!, commit(0), 'UNIT_REFUSED')
    expectRefused(here, founder!, commit(3), 'UNIT_REFUSED')
    here.until('reveal')
    expectRefused(here, founder!, commit(3), 'PHASE_WRONG')
  })

  it('costs fee credit first, then balance, which is burnt, and is refused with neither', () => {
    const parameters = { ...world().genesis.parameters, feeCredit: 15_000n }
    const here = withBalance(new World({ genesis: { parameters } }), alice, 7_000n)
    here.next([here.register(alice)])
    here.next([here.sign(alice, workOf(alice, 1, 0).commit)])
    expect(here.account(alice)).toMatchObject({ feeCredit: 5_000n, balance: 7_000n })
    here.next([here.sign(alice, workOf(alice, 1, 1).commit)])
    expect(here.account(alice)).toMatchObject({ feeCredit: 0n, balance: 2_000n })
    expect(here.state.burnt).toBe(5_000n)
    expectRefused(here, alice, workOf(alice, 1, 2).commit, 'FEE_UNPAID')
  })
})

describe('reveal, verdict, open and disclose', () => {
  const world = new World()
  const [trainer, first, second, third] = world.founders as [KeyPair, KeyPair, KeyPair, KeyPair]
  const place = { round: 1, unit: 0 }
  const work = workOf(trainer, 1, 0)

  it('reveal only what the trainer itself committed to, once, of an allowed size', () => {
    world.next([world.sign(trainer, work.commit), world.sign(first, workOf(first, 1, 0).commit)])
    expectRefused(world, trainer, work.reveal, 'PHASE_WRONG')
    world.until('reveal')
    expectRefused(world, second, work.reveal, 'UPDATE_UNKNOWN')
    // The address inside the commitment keeps one trainer from revealing another's work.
    expectRefused(world, first, work.reveal, 'COMMITMENT_MISMATCH')
    expectRefused(world, trainer, { ...work.reveal, payload: digestOf('noise') } as Action, 'COMMITMENT_MISMATCH')
    expectRefused(world, trainer, { ...work.reveal, residual: digestOf('rest') } as Action, 'COMMITMENT_MISMATCH')
    expectRefused(world, trainer, { ...work.reveal, payloadBytes: 0 } as Action, 'PAYLOAD_SIZE_REFUSED')
    expectRefused(world, trainer, { ...work.reveal, payloadBytes: 13_386 } as Action, 'PAYLOAD_SIZE_REFUSED')
    world.next([world.sign(trainer, { ...work.reveal, payloadBytes: 13_385 } as Action)])
    expectRefused(world, trainer, work.reveal, 'ALREADY_DONE')
  })

  it('a base is of revealed updates in their order, of that round and model, and has parameters', () => {
    world.until('base')
    const good = world.base()
    expect(good.included).toEqual([world.round.updates.findIndex(update => update.reveal !== null)])
    const hidden = world.round.updates.findIndex(update => update.reveal === null)
    const waiting = world.state
    for (const bad of [
      { ...good, round: 2 },
      { ...good, model: 'other' },
      { ...good, included: [] },
      { ...good, included: [hidden] },
      { ...good, included: [2] },
      { ...good, included: [...good.included, ...good.included] },
      { ...good, parameters: ZERO_HASH },
    ]) {
      const { commit } = world
      expect(world.next([], [bad]).block.results).toEqual([])
      world.state = waiting
      world.commit = commit
    }
    world.next([], [good])
    expect(world.round).toMatchObject({ number: 2, phase: 'work', base: good.parameters, updates: [] })
    expect(world.settling).toMatchObject({ number: 1, phase: 'verify', drawBeacon: null })
    // The verifiers are drawn by a beacon that is not known yet.
    expectRefused(world, trainer, verdictOf(second, trainer, place), 'NOT_DRAWN')
  })

  it('verdicts come from the drawn, once each, never from the trainer, never on what was not revealed', () => {
    world.next()
    expect(world.settling!.drawBeacon).toBe(world.state.beacon)
    expect(world.settling!.updates.find(update => update.trainer === first.address)!.outcome).toBe('expired')
    expectRefused(world, trainer, verdictOf(trainer, trainer, place), 'NOT_DRAWN')
    expectRefused(world, alice, verdictOf(alice, trainer, place), 'NOT_DRAWN')
    expectRefused(world, second, verdictOf(second, first, place), 'NOT_DRAWN')
    expectRefused(world, second, verdictOf(second, trainer, { round: 1, unit: 1 }), 'UPDATE_UNKNOWN')
    expectRefused(world, second, verdictOf(second, trainer, { round: 2, unit: 0 }), 'ROUND_NOT_CURRENT')
    expectRefused(world, trainer, work.open, 'PHASE_WRONG')
    world.next([world.sign(second, verdictOf(second, trainer, place))])
    expectRefused(world, second, verdictOf(second, trainer, place), 'ALREADY_DONE')
    expectRefused(world, second, discloseOf(second, trainer, place), 'PHASE_WRONG')
    // The third copies the second's digest, and so can never show what it is made of.
    const copied = { ...verdictOf(second, trainer, place), type: 'verdict' as const }
    world.next([world.sign(first, verdictOf(first, trainer, place)), world.sign(third, copied)])
    expect(world.settling).toMatchObject({ phase: 'disclose', phaseEndsAt: world.state.height + 3 })
  })

  it('open takes what was sealed, once, first from the trainer and a block later from who gave a verdict', () => {
    const changes = [
      { lossBefore: 1 },
      { lossAfter: 1 },
      { keys: work.keys.slice(1) },
      { keys: work.keys.toReversed() },
    ]
    for (const change of changes) expectRefused(world, trainer, { ...work.open, ...change }, 'SEAL_MISMATCH')
    expectRefused(world, first, work.open, 'TOO_EARLY')
    expectRefused(world, alice, work.open, 'NOT_DRAWN')
    world.next()
    expectRefused(world, alice, work.open, 'NOT_DRAWN')
    world.next([world.sign(first, work.open)])
    expect(world.settling!.updates.find(update => update.claims !== null)!.claims).toMatchObject({ keys: work.keys })
    expectRefused(world, trainer, work.open, 'ALREADY_DONE')
  })

  it('disclose takes what the digest was made of, once, from whose it is', () => {
    const other = findingsOf(trainer, place, 0)
    expectRefused(world, alice, discloseOf(alice, trainer, place), 'NOT_DRAWN')
    expectRefused(world, second, discloseOf(second, trainer, place, other), 'DIGEST_MISMATCH')
    expectRefused(world, third, discloseOf(third, trainer, place), 'DIGEST_MISMATCH')
    expectRefused(world, third, discloseOf(second, trainer, place), 'DIGEST_MISMATCH')
    const { challenge } = mismatchAt(trainer, place, 0)
    expectRefused(
      world,
      second,
      discloseOf(second, trainer, place, findingsOf(trainer, place), challenge),
      'CHALLENGE_REFUSED',
    )
    const twice = [world.sign(second, discloseOf(second, trainer, place))]
    twice.push(world.sign(second, discloseOf(second, trainer, place), 1))
    expect(() => world.next(twice)).toThrow(code('ALREADY_DONE'))
    world.next([first, second].map(keys => world.sign(keys, discloseOf(keys, trainer, place))))
    expect(world.settling!.phase).toBe('aggregate')
    // Who copied a digest is as good as silent.
    expect(world.account(third)).toMatchObject({ reputation: 49, balance: expect.anything() })
    expect(world.events.filter(event => event.type === 'verdict-reward').map(event => event.account)).toEqual([
      first.address,
      second.address,
    ])
  })

  it('the model update comes in phase aggregate, for its round and model, and makes sense', () => {
    const good = world.modelUpdate()
    const before = world.state
    for (const bad of [
      { ...good, round: 2 },
      { ...good, model: 'other' },
      { ...good, evaluation: { ...good.evaluation, correct: 1001 } },
      { ...good, evaluation: { ...good.evaluation, total: 999 } },
      { ...good, evaluation: { ...good.evaluation, lossBits: 0x7fc00000 } },
    ]) {
      // A proposer leaves such an update out; the round waits on.
      expect(world.next([], [bad]).block.results).toEqual([])
      expect(world.settling!.phase).toBe('aggregate')
    }
    expect(world.state).not.toBe(before)
    world.next([], [good])
    expect(world.state.models.get(MODEL)).toMatchObject({
      version: 1,
      parameters: good.parameters,
      momentum: good.momentum,
    })
    expect(world.settling).toBeUndefined()
    // The next round goes on from its base, as it was opened.
    expect(world.round).toMatchObject({ number: 2, phase: 'work', base: digestOf('b1') })
  })
})

describe('evidence', () => {
  const proof = (world: World, keys: typeof alice, height: number): Action => ({
    type: 'evidence',
    evidence: {
      type: 'duplicate-vote',
      a: signedPrecommit(world.state.chainId, keys, height, digestOf('one')),
      b: signedPrecommit(world.state.chainId, keys, height, digestOf('other')),
    },
  })

  it('burns the whole stake, takes the vote away for good, and can be brought once', () => {
    const world = new World()
    const [reporter, guilty] = world.founders
    world.next()
    world.next([world.sign(reporter!, proof(world, guilty!, 1))])
    expect(world.account(guilty!)).toMatchObject({ stake: 0n, slashed: true, reputation: 0 })
    expect(world.state.burnt).toBe(1_000_000n)
    world.next()
    expect(world.blocks.at(-1)!.header.committee).not.toBe(world.blocks[0]!.header.committee)
    expect(world.state.lastCommittee.map(validator => validator.address)).not.toContain(guilty!.address)
    expectRefused(world, reporter!, proof(world, guilty!, 1), 'EVIDENCE_REFUSED')
    expectRefused(world, reporter!, proof(world, guilty!, 2), 'EVIDENCE_REFUSED')
    withBalance(world, guilty!, 5_000_000n)
    expectRefused(world, guilty!, { type: 'stake', amount: 2_000_000n }, 'SLASHED')
  })

  it('is refused when the votes agree, are forged, are of nobody who votes, or of a height that never was', () => {
    const world = new World()
    const [reporter, guilty] = world.founders
    world.next()
    const good = proof(world, guilty!, 1)
    if (good.type !== 'evidence' || good.evidence.type !== 'duplicate-vote') throw new Error('no evidence')
    const { a, b } = good.evidence
    expectRefused(world, reporter!, { ...good, evidence: { ...good.evidence, b: a } }, 'EVIDENCE_INVALID')
    const forged = { ...b, signature: a.signature }
    expectRefused(world, reporter!, { ...good, evidence: { ...good.evidence, b: forged } }, 'EVIDENCE_INVALID')
    expectRefused(world, reporter!, proof(world, alice, 1), 'EVIDENCE_REFUSED')
    expectRefused(world, reporter!, proof(world, guilty!, 0), 'EVIDENCE_REFUSED')
    expectRefused(world, reporter!, proof(world, guilty!, 3), 'EVIDENCE_REFUSED')
  })

  it('is refused once it is too old', () => {
    const parameters = { ...TEST_PARAMETERS, evidenceBlocks: 2 }
    const world = new World({ genesis: { parameters } })
    const [reporter, guilty] = world.founders
    for (let i = 0; i < 3; i++) world.next()
    expectRefused(world, reporter!, proof(world, guilty!, 1), 'EVIDENCE_REFUSED')
    world.next([world.sign(reporter!, proof(world, guilty!, 2))])
    expect(world.account(guilty!)!.slashed).toBe(true)
  })

  it('leaves the last member its vote, without which there would be no blocks, but not its stake', () => {
    const world = new World({ founders: 1 })
    const [only] = world.founders
    world.next([world.sign(only!, proof(world, only!, 1))])
    expect(world.account(only!)).toMatchObject({ stake: 0n, slashed: true })
    expect(world.state.committee.map(member => member.address)).toEqual([only!.address])
    world.next()
  })
})
