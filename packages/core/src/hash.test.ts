import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes.ts'
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
