import { decode, encode, hash, type PublicKey } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { committeeOf, keysOf } from '../test/fixtures.ts'
import {
  committeeCodec,
  committeeHash,
  MAX_TOTAL_POWER,
  MAX_VALIDATORS,
  makeCommittee,
  validatorOf,
} from './committee.ts'

const keys = keysOf(5)
const members = keys.map(({ address, publicKey }, i) => ({ address, publicKey, power: i + 1 }))
const refused = expect.objectContaining({ code: 'COMMITTEE_INVALID' })

test('the same validators make the same committee and hash in whatever order they come', () => {
  const committee = makeCommittee(members)
  expect(committee.totalPower).toBe(15)
  fc.assert(
    fc.property(fc.shuffledSubarray(members, { minLength: 5 }), shuffled => {
      expect(makeCommittee(shuffled)).toEqual(committee)
      expect(committeeHash(makeCommittee(shuffled))).toBe(committeeHash(committee))
    }),
  )
})

test('the hash changes with a member and with a power', () => {
  const hashes = [
    committeeHash(makeCommittee(members)),
    committeeHash(makeCommittee(members.slice(1))),
    committeeHash(makeCommittee(members.map(m => ({ ...m, power: 1 })))),
  ]
  expect(new Set(hashes).size).toBe(3)
  expect(() => encode(hash, hashes[0]!)).not.toThrow()
})

test('nobody, too many, one twice, odd powers and foreign keys are refused', () => {
  const [first, second] = [members[0]!, members[1]!]
  expect(() => makeCommittee([])).toThrow(refused)
  expect(() => makeCommittee(Array(MAX_VALIDATORS + 1).fill(first))).toThrow(refused)
  expect(() => makeCommittee([first, second, first])).toThrow(refused)
  for (const power of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(() => makeCommittee([{ ...first, power }])).toThrow(refused)
  }
  expect(() => makeCommittee([{ ...first, publicKey: second.publicKey }])).toThrow(refused)
  expect(() => makeCommittee([{ ...first, publicKey: 'no key' as PublicKey }])).toThrow()
})

test('three times the power stays a safe integer', () => {
  const [first, second] = [members[0]!, members[1]!]
  expect(makeCommittee([{ ...first, power: MAX_TOTAL_POWER }]).totalPower * 3).toBeLessThanOrEqual(
    Number.MAX_SAFE_INTEGER,
  )
  expect(() => makeCommittee([{ ...first, power: MAX_TOTAL_POWER }, second])).toThrow(refused)
})

test('a committee survives the wire; one out of order or with one twice does not', () => {
  const committee = committeeOf(keys, [5, 4, 3, 2, 1])
  expect(decode(committeeCodec, encode(committeeCodec, committee))).toEqual(committee)
  const refusedWire = expect.objectContaining({ code: 'CODEC_INVALID' })
  const reversed = { ...committee, validators: committee.validators.toReversed() }
  expect(() => decode(committeeCodec, encode(committeeCodec, reversed))).toThrow(refusedWire)
  const doubled = { ...committee, validators: [committee.validators[0]!, committee.validators[0]!] }
  expect(() => decode(committeeCodec, encode(committeeCodec, doubled))).toThrow(refusedWire)
})

test('a member is found by address, a stranger is not', () => {
  const committee = makeCommittee(members.slice(1))
  expect(validatorOf(committee, members[1]!.address)).toEqual(members[1])
  expect(validatorOf(committee, members[0]!.address)).toBeUndefined()
})
