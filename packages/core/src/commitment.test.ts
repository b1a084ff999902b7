import { describe, expect, it } from 'vitest'
import type { Address, Hash } from './brand.ts'
import { utf8 } from './bytes.ts'
import { commitmentOf, sealOf, segmentKeysRoot, verdictDigest } from './commitment.ts'
import type { Findings } from './findings.ts'
import { hashOf } from './hash.ts'

const trainer = '0x21fe31DFA154A261626BF854046fD2271b7BED4B' as Address
const other = '0x34750F98bd59fCfC946dA45AAAbE933be154a4b5' as Address
const named = (name: string): Hash => hashOf(utf8(name))
const [payload, traceRoot, residual, key] = ['payload', 'trace', 'residual', 'key'].map(named) as [
  Hash,
  Hash,
  Hash,
  Hash,
]
const update = { trainer, payload, traceRoot, residual }
const findings: Findings = {
  fault: null,
  lossBefore: 0x3f800000,
  lossAfter: 0x3f000000,
  freshBefore: 0x3f800000,
  freshAfter: 0x3f100000,
  replay: { segments: 2, keys: [key], mismatch: { type: 'trace', segment: 1 } },
}
const verdict = { verifier: trainer, salt: key, findings }
const seal = { lossBefore: 0x3f800000, lossAfter: 0x3f000000, keysRoot: segmentKeysRoot([key, payload]) }

describe('commitments, seals and digests of verdicts', () => {
  it('are pinned: another implementation computed these values', () => {
    expect(commitmentOf(update)).toBe('c333ee9e7b2d613120d17e64541588fa9c8b6a7c604ab2d58a57b2edaef49d3d')
    expect(commitmentOf({ ...update, residual: null })).toBe(
      '848219f5075a625b56073233ecc21546b05c56bfca6f76c1b2279084f3024213',
    )
    expect(segmentKeysRoot([key, payload])).toBe('d8075d319d5f2e9f74c6a098f9ee22a4d9ed6fdb1ad36b2efc1a6a4a4db27cb7')
    expect(sealOf(seal)).toBe('a76f0ec8f5778fefb1ecc74ea6d1f0160475eb923a1bb076e48a3fe093151dde')
    expect(verdictDigest(verdict)).toBe('55bfcaa09f2b6b82b707306269d60282a3ff687837564618c91b55138100a8fb')
  })

  it('of one account are worth nothing to another', () => {
    expect(commitmentOf({ ...update, trainer: other })).not.toBe(commitmentOf(update))
    expect(verdictDigest({ ...verdict, verifier: other })).not.toBe(verdictDigest(verdict))
  })

  it('change with everything in them', () => {
    const all = [
      commitmentOf(update),
      commitmentOf({ ...update, payload: key }),
      commitmentOf({ ...update, traceRoot: key }),
      commitmentOf({ ...update, residual: key }),
      sealOf(seal),
      sealOf({ ...seal, lossBefore: 1 }),
      sealOf({ ...seal, lossAfter: 1 }),
      sealOf({ ...seal, keysRoot: segmentKeysRoot([payload, key]) }),
      verdictDigest(verdict),
      verdictDigest({ ...verdict, salt: payload }),
      verdictDigest({ ...verdict, findings: { ...findings, freshAfter: 1 } }),
      verdictDigest({ ...verdict, findings: { ...findings, replay: null } }),
      verdictDigest({ ...verdict, findings: { ...findings, replay: { ...findings.replay!, keys: [payload] } } }),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('refuse losses that are no 32 bits, and findings that cannot be', () => {
    expect(() => sealOf({ ...seal, lossAfter: 0.5 })).toThrow(expect.objectContaining({ code: 'RANGE_INVALID' }))
    expect(() => verdictDigest({ ...verdict, findings: { ...findings, fault: 'trace' } })).toThrow(
      expect.objectContaining({ code: 'CODEC_INVALID' }),
    )
  })
})
