import { fromHex, type Hash, hashOf, merkleRoot, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appendHash, historyProof, historyRoot, verifyHistory } from './history.ts'

const hashes = Array.from({ length: 70 }, (_, i) => hashOf(utf8(`block ${i}`)))

function stateAfter(count: number): { height: number; history: readonly Hash[] } {
  let history: readonly Hash[] = []
  for (const [i, hash] of hashes.slice(0, count).entries()) history = appendHash(history, i, hash)
  return { height: count, history }
}

describe('the history of a chain', () => {
  it('has the RFC 6962 root of all block hashes, at every length, from peaks as few as digits 1 in it', () => {
    for (let count = 0; count <= hashes.length; count++) {
      const state = stateAfter(count)
      expect(historyRoot(state)).toBe(merkleRoot(hashes.slice(0, count).map(fromHex)))
      expect(state.history.length).toBe(count.toString(2).replaceAll('0', '').length)
    }
  })

  it('proves every block that was, and no other hash at no other height', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(69), fc.nat(69), (count, at, other) => {
        const state = stateAfter(count)
        if (at >= count) {
          expect(() => historyProof(hashes.slice(0, count), at)).toThrow(RangeError)
          return
        }
        const proof = historyProof(hashes.slice(0, count), at)
        expect(verifyHistory(state, at, hashes[at]!, proof)).toBe(true)
        if (other === at) return
        expect(verifyHistory(state, other, hashes[at]!, proof)).toBe(false)
        expect(verifyHistory(state, at, hashes[other]!, proof)).toBe(false)
        expect(verifyHistory(state, at, hashes[at]!, [...proof, hashes[0]!])).toBe(false)
        if (proof.length > 0) expect(verifyHistory(state, at, hashes[at]!, proof.slice(1))).toBe(false)
      }),
    )
  })

  it('takes any rubbish for no proof, without an error', () => {
    const state = stateAfter(5)
    for (const height of [-1, 0.5, Number.NaN, 5, 2 ** 60])
      expect(verifyHistory(state, height, hashes[0]!, [])).toBe(false)
    expect(verifyHistory(state, 0, 'x' as Hash, historyProof(hashes.slice(0, 5), 0))).toBe(false)
    expect(verifyHistory(state, 0, hashes[0]!, ['zz' as Hash, hashes[1]!])).toBe(false)
  })

  it('keeps a proof good until the subtree it leads to has grown', () => {
    const proof = historyProof(hashes.slice(0, 8), 3)
    for (let count = 8; count < 16; count++) expect(verifyHistory(stateAfter(count), 3, hashes[3]!, proof)).toBe(true)
    expect(verifyHistory(stateAfter(16), 3, hashes[3]!, proof)).toBe(false)
  })
})
