import { expect, test } from 'vitest'
import { CHAIN, committeeOf, keysOf, signVote, value } from '../test/fixtures.ts'
import { makeEvidence, verifyEvidence } from './evidence.ts'
import type { Vote } from './vote.ts'

const keys = keysOf(4)
const committee = committeeOf(keys)
const body: Omit<Vote, 'validator'> = { type: 'prevote', height: 7, round: 2, valueId: value('a') }
const refused = expect.objectContaining({ code: 'EVIDENCE_INVALID' })

test('two different votes of one kind in one round name the guilty, whichever came first', () => {
  const a = signVote(keys[1]!, body)
  for (const valueId of [value('b'), null]) {
    const b = signVote(keys[1]!, { ...body, valueId })
    expect(makeEvidence(a, b)).toEqual(makeEvidence(b, a))
    expect(verifyEvidence(CHAIN, committee, makeEvidence(a, b))).toBe(keys[1]!.address)
    expect(verifyEvidence(CHAIN, committee, { type: 'duplicate-vote', a, b })).toBe(keys[1]!.address)
    expect(verifyEvidence(CHAIN, committee, { type: 'duplicate-vote', a: b, b: a })).toBe(keys[1]!.address)
  }
})

test('what an honest validator signs in the course of a height is no evidence', () => {
  const a = signVote(keys[1]!, body)
  const honest = [
    a,
    signVote(keys[1]!, { ...body, type: 'precommit', valueId: null }),
    signVote(keys[1]!, { ...body, round: 3, valueId: null }),
    signVote(keys[1]!, { ...body, height: 8, valueId: null }),
    signVote(keys[2]!, { ...body, valueId: null }),
  ]
  for (const b of honest) {
    expect(() => verifyEvidence(CHAIN, committee, { type: 'duplicate-vote', a, b })).toThrow(refused)
  }
})

test('forged evidence is refused', () => {
  const a = signVote(keys[1]!, body)
  const forged = { ...signVote(keys[2]!, { ...body, valueId: null }), validator: keys[1]!.address }
  const foreign = signVote(keys[1]!, { ...body, valueId: null }, 'hydra-ffffffff')
  for (const b of [forged, foreign]) {
    expect(() => verifyEvidence(CHAIN, committee, makeEvidence(a, b))).toThrow(refused)
  }
  const b = signVote(keys[1]!, { ...body, valueId: null })
  expect(() => verifyEvidence(CHAIN, committeeOf([keys[0]!, keys[2]!]), makeEvidence(a, b))).toThrow(refused)
})
