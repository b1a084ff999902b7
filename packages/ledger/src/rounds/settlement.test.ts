import { type Address, type Findings, float32Bits } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, findingsOf, mismatchAt, person, SEGMENTS, workOf } from '../../test/world.ts'
import type { Challenge, Update } from '../state/types.ts'
import { countedVerdicts } from './findings.ts'
import { outcomeOf } from './settlement.ts'

const trainer = person('trainer')
const place = { round: 1, unit: 0 }
const people = ['a', 'b', 'c', 'd', 'e'].map(label => person(label).address) as [Address, ...Address[]]
const rule = { all: SEGMENTS, heldOutLoss: float32Bits(2.3) }
const other = float32Bits(1.5)

/** What verifiers do, by name: how much they were to replay and what they disclose. */
const KINDS = {
  light: { segments: 0, findings: findingsOf(trainer, place, 0) },
  audit: { segments: SEGMENTS, findings: findingsOf(trainer, place) },
  /** Was to replay, and only looked. */
  lazy: { segments: SEGMENTS, findings: findingsOf(trainer, place, 0) },
  partly: { segments: SEGMENTS, findings: findingsOf(trainer, place, SEGMENTS - 1) },
  silent: { segments: 0, findings: null },
  'silent audit': { segments: SEGMENTS, findings: null },
  loss: { segments: 0, findings: findingsOf(trainer, place, 0, { lossAfter: other }) },
  fresh: { segments: 0, findings: findingsOf(trainer, place, 0, { freshAfter: other }) },
  fault: {
    segments: 0,
    findings: findingsOf(trainer, place, 0, {
      ...{ fault: 'trace', lossBefore: 0, lossAfter: 0, freshBefore: 0, freshAfter: 0 },
    }),
  },
  key: {
    segments: SEGMENTS,
    findings: findingsOf(trainer, place, SEGMENTS, {
      replay: { segments: 1, keys: [digestOf('no key')], mismatch: null },
    }),
  },
  mismatch: { segments: SEGMENTS, ...mismatchAt(trainer, place, 2) },
} satisfies Record<string, { segments: number; findings: Findings | null; challenge?: Challenge }>
type Kind = keyof typeof KINDS

function update(trainerWeight: bigint, says: readonly [bigint, Kind][], opened = true): Update {
  const { payload, traceRoot, commit, lossBefore, lossAfter, keys } = workOf(trainer, 1, 0)
  if (commit.type !== 'commit') throw new Error('no commit')
  return {
    trainer: trainer.address,
    unit: 0,
    transaction: digestOf('tx'),
    commitment: commit.commitment,
    seal: commit.seal,
    residualBefore: null,
    reveal: { payload, payloadBytes: 1000, traceRoot, residual: null },
    included: true,
    verifiers: says.map(([weight, kind], i) => ({ address: people[i]!, weight, segments: KINDS[kind].segments })),
    trainerWeight,
    exposure: 0n,
    verdicts: says.map(([, kind], i) => {
      const { findings, challenge = null }: { findings: Findings | null; challenge?: Challenge | null } = KINDS[kind]
      const digest = digestOf(`digest ${i}`)
      return { verifier: people[i]!, digest, transaction: digestOf('v'), findings, challenge }
    }),
    claims: opened ? { lossBefore, lossAfter, keys, planted: false } : null,
    outcome: 'pending',
  }
}

const each = (...kinds: Kind[]): [bigint, Kind][] => kinds.map(kind => [1n, kind])
const outcome = (subject: Update) => outcomeOf(subject, countedVerdicts(subject, rule))

describe('outcomeOf', () => {
  it.each<[string, Update, string]>([
    ['a trainer alone accepts itself', update(5n, []), 'accepted'],
    ['a newcomer needs more than two thirds', update(0n, each('audit', 'audit', 'light', 'silent')), 'accepted'],
    ['two of four are not enough', update(0n, each('audit', 'light', 'silent', 'silent')), 'expired'],
    [
      'exactly two thirds are not enough',
      update(0n, [
        [2n, 'audit'],
        [1n, 'silent'],
      ]),
      'expired',
    ],
    ['a staked trainer counts for itself', update(1n, each('audit', 'light', 'silent')), 'accepted'],
    ['a light check by all is enough where nobody was drawn to replay', update(1n, each('light', 'light')), 'accepted'],
    [
      'one at least of those drawn to replay must have',
      update(1n, each('silent audit', 'light', 'light', 'light')),
      'expired',
    ],
    ['another auditor does for it', update(1n, each('silent audit', 'audit', 'light', 'light')), 'accepted'],
    ['who was to replay and only looked counts for nothing', update(1n, each('lazy', 'audit', 'silent')), 'expired'],
    ['nor does who replayed less than was due', update(1n, each('partly', 'audit', 'silent')), 'expired'],
    [
      'claims that nobody opens are nothing to agree with',
      update(1n, each('audit', 'audit', 'audit'), false),
      'expired',
    ],
    ['one verifier that finds another loss', update(9n, each('audit', 'audit', 'loss')), 'disputed'],
    ['two that find different things on fresh data', update(9n, each('audit', 'fresh')), 'disputed'],
    ['one that finds a fault', update(9n, each('audit', 'audit', 'fault')), 'disputed'],
    ['one that finds another key', update(9n, each('audit', 'audit', 'key')), 'disputed'],
    ['one that finds another trace', update(9n, each('audit', 'audit', 'mismatch')), 'disputed'],
    [
      'a trainer that keeps its claims to itself then',
      update(9n, each('audit', 'audit', 'mismatch'), false),
      'disputed',
    ],
  ])('%s', (_name, subject, expected) => {
    expect(outcome(subject)).toBe(expected)
  })

  it('is accepted only by more than two thirds of the weight, and never against one who contradicts', () => {
    const kind = fc.constantFrom(...(Object.keys(KINDS) as Kind[]))
    const weight = fc.bigInt({ min: 1n, max: 100n })
    const says = fc.array(fc.tuple(weight, kind), { maxLength: 5 })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 100n }), says, fc.boolean(), (own, drawn, opened) => {
        const subject = update(own, drawn, opened)
        const sum = (...kinds: Kind[]) => drawn.reduce((total, [w, k]) => (kinds.includes(k) ? total + w : total), 0n)
        const total = own + drawn.reduce((all, [w]) => all + w, 0n)
        const contradicted = sum('fault', 'mismatch') > 0n || (opened && sum('loss', 'key') > 0n)
        const result = outcome(subject)
        if (contradicted) expect(result).toBe('disputed')
        if (result === 'accepted') expect(3n * (own + sum('light', 'audit', 'fresh')) > 2n * total).toBe(true)
        if (!opened) expect(result).not.toBe('accepted')
      }),
    )
  })
})

describe('countedVerdicts', () => {
  it('wants a whole replay of whoever finds something suspicious, drawn for it or not', () => {
    const suspicious = { freshBefore: float32Bits(2.3), freshAfter: float32Bits(100) }
    const withFindings = (findings: Findings): Update => {
      const subject = update(1n, each('light'))
      return { ...subject, verdicts: subject.verdicts.map(verdict => ({ ...verdict, findings })) }
    }
    expect(countedVerdicts(withFindings(findingsOf(trainer, place, 0, suspicious)), rule)).toEqual([])
    expect(countedVerdicts(withFindings(findingsOf(trainer, place, SEGMENTS, suspicious)), rule)).toHaveLength(1)
  })
})
