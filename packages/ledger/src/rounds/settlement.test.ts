import { type Address, replayKeyHashOf, verdictDigest } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, person } from '../../test/world.ts'
import type { Update } from '../state/types.ts'
import { hasValidQuorum } from './quorum.ts'
import { judge, outcomeOf } from './settlement.ts'

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(label => person(label).address) as [Address, Address, Address, Address]
const replayKey = digestOf('key')

type Say = 'valid' | 'lazy' | 'invalid' | 'silent'

function update(trainerWeight: bigint, says: readonly [bigint, Say][], keyKnown = true): Update {
  const people = [a, b, c, d]
  return {
    trainer: person('trainer').address,
    unit: 0,
    transaction: digestOf('tx'),
    commitment: digestOf('commitment'),
    lossBefore: 0,
    lossAfter: 0,
    replayKeyHash: replayKeyHashOf(replayKey),
    reveal: null,
    verifiers: says.map(([weight], i) => ({ address: people[i]!, weight })),
    trainerWeight,
    verdicts: says.flatMap(([, say], i) => {
      const right = verdictDigest({ verifier: people[i]!, replayKey })
      const digest = say === 'lazy' ? verdictDigest({ verifier: people[(i + 1) % 4]!, replayKey }) : right
      const verdict = { verifier: people[i]!, valid: say !== 'invalid', digest, transaction: digestOf('v') }
      return say === 'silent' ? [] : [verdict]
    }),
    replayKey: keyKnown ? replayKey : null,
    outcome: 'pending',
  }
}

describe('outcomeOf', () => {
  it.each<[string, Update, string]>([
    ['a trainer alone accepts itself', update(5n, []), 'accepted'],
    [
      'a newcomer needs three of four',
      update(0n, [
        [1n, 'valid'],
        [1n, 'valid'],
        [1n, 'valid'],
        [1n, 'silent'],
      ]),
      'accepted',
    ],
    [
      'two of four are not enough',
      update(0n, [
        [1n, 'valid'],
        [1n, 'valid'],
        [1n, 'silent'],
        [1n, 'silent'],
      ]),
      'expired',
    ],
    [
      'exactly two thirds are not enough',
      update(0n, [
        [2n, 'valid'],
        [1n, 'silent'],
      ]),
      'expired',
    ],
    [
      'a staked trainer counts for itself',
      update(1n, [
        [1n, 'valid'],
        [1n, 'valid'],
        [1n, 'invalid'],
      ]),
      'accepted',
    ],
    [
      'one lying verifier of three cannot refute',
      update(1n, [
        [1n, 'invalid'],
        [1n, 'silent'],
        [1n, 'silent'],
      ]),
      'expired',
    ],
    [
      'a lying trainer is refuted by the rest',
      update(1n, [
        [1n, 'invalid'],
        [1n, 'invalid'],
        [1n, 'invalid'],
      ]),
      'refuted',
    ],
    [
      'exactly a third cannot refute',
      update(0n, [
        [1n, 'invalid'],
        [2n, 'silent'],
      ]),
      'expired',
    ],
    [
      'without its key nothing is accepted',
      update(
        1n,
        [
          [1n, 'valid'],
          [1n, 'valid'],
          [1n, 'valid'],
        ],
        false,
      ),
      'expired',
    ],
    [
      'a refutation needs no key',
      update(
        1n,
        [
          [1n, 'invalid'],
          [1n, 'invalid'],
          [1n, 'silent'],
        ],
        false,
      ),
      'refuted',
    ],
    [
      'a copied digest counts for nothing',
      update(1n, [
        [1n, 'lazy'],
        [1n, 'lazy'],
        [1n, 'valid'],
      ]),
      'expired',
    ],
  ])('%s', (_name, subject, outcome) => {
    expect(outcomeOf(subject)).toBe(outcome)
  })

  it('never accepts what a third refused, nor refutes what more than two thirds proved', () => {
    const say = fc.constantFrom<Say[]>('valid', 'lazy', 'invalid', 'silent')
    const weight = fc.bigInt({ min: 1n, max: 100n })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 100n }), fc.array(fc.tuple(weight, say), { maxLength: 4 }), (own, says) => {
        const subject = update(own, says)
        const sum = (...kinds: Say[]) => says.reduce((total, [w, s]) => (kinds.includes(s) ? total + w : total), 0n)
        const total = own + sum('valid', 'lazy', 'invalid', 'silent')
        const outcome = outcomeOf(subject)
        if (outcome === 'accepted') expect(3n * (own + sum('valid')) > 2n * total).toBe(true)
        if (outcome === 'refuted') expect(3n * sum('invalid') > total).toBe(true)
        if (outcome === 'expired') {
          expect(3n * (own + sum('valid')) > 2n * total).toBe(false)
          expect(3n * sum('invalid') > total).toBe(false)
        }
        expect(hasValidQuorum(subject)).toBe(3n * (own + sum('valid', 'lazy')) > 2n * total)
      }),
    )
  })
})

describe('judge', () => {
  it('pays only what stood, and holds a wrong digest against its voter as soon as the key is known', () => {
    const subject = update(1n, [
      [1n, 'valid'],
      [1n, 'lazy'],
      [1n, 'invalid'],
    ])
    const [honest, lazy, against] = subject.verdicts
    expect(subject.verdicts.map(verdict => judge(subject, verdict, 'accepted'))).toEqual(['stood', 'wrong', 'wrong'])
    expect(subject.verdicts.map(verdict => judge(subject, verdict, 'refuted'))).toEqual(['wrong', 'wrong', 'stood'])
    expect(judge(subject, honest!, 'expired')).toBe('open')
    expect(judge(subject, against!, 'expired')).toBe('open')
    expect(judge(subject, lazy!, 'expired')).toBe('wrong')
    expect(judge({ ...subject, replayKey: null }, lazy!, 'expired')).toBe('open')
  })
})
