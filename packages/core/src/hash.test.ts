import { describe, expect, it } from 'vitest'
import type { Address, Hash } from './brand.ts'
import { utf8 } from './bytes.ts'
import { commitmentOf, replayKeyHashOf, verdictDigest } from './commitment.ts'
import { hashOf, isHash, taggedHash, ZERO_HASH } from './hash.ts'

describe('hashes', () => {
  it('are SHA-256 (FIPS 180-4 examples)', () => {
    expect(hashOf(utf8(''))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(hashOf(utf8('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hashOf(utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    )
  })

  it('with a tag are pinned: another implementation computed this value', () => {
    expect(taggedHash('hydra/test/1', utf8('abc'), utf8('d'))).toBe(
      'ea03307b7c17b05d5f0be1b2dbb56f6a4762a1941186bd3c052c88df13ae1fad',
    )
    expect(taggedHash('a', utf8('b'))).not.toBe(taggedHash('ab'))
  })

  it('are recognised by their one spelling', () => {
    expect(isHash(ZERO_HASH)).toBe(true)
    for (const text of ['', 'AB'.repeat(32), `${ZERO_HASH}\n`, `${ZERO_HASH}0`]) expect(isHash(text)).toBe(false)
  })
})

describe('commitments', () => {
  const trainer = '0x21fe31DFA154A261626BF854046fD2271b7BED4B' as Address
  const other = '0x34750F98bd59fCfC946dA45AAAbE933be154a4b5' as Address
  const [payload, traceRoot, replayKey] = ['payload', 'trace', 'key'].map(text => hashOf(utf8(text))) as [
    Hash,
    Hash,
    Hash,
  ]

  it('are pinned: another implementation computed these values', () => {
    expect(commitmentOf({ trainer, payload, traceRoot })).toBe(
      '60df6645af0af3dc6d827d522ffc4ae16860951b11518e0927d6f96414fe42dd',
    )
    expect(verdictDigest({ verifier: trainer, replayKey })).toBe(
      '4be1ba34199ad75dce1d4bd410ff6cc28294ae34308b1da88ee8f6408600095c',
    )
    expect(replayKeyHashOf(replayKey)).toBe('57552e462e95db28d7388ff4e934805cbd147807cbc963aef03c849a010b8638')
  })

  it('and digests of one account are worth nothing to another', () => {
    expect(commitmentOf({ trainer: other, payload, traceRoot })).not.toBe(commitmentOf({ trainer, payload, traceRoot }))
    expect(verdictDigest({ verifier: other, replayKey })).not.toBe(verdictDigest({ verifier: trainer, replayKey }))
  })
})
