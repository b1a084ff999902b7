import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hash } from './brand.ts'
import { concatBytes, fromHex, toHex } from './bytes.ts'
import { sha256 } from './hash.ts'
import { merkleProof, merkleRoot, verifyMerkleProof } from './merkle.ts'

// Vectors of the reference implementation of Certificate Transparency (merkle tree tests).
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  fromHex,
)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

/** RFC 6962 section 2.1 word for word, to hold the iterative version against. */
function rootByTheBook(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return sha256(concatBytes(Uint8Array.of(0), leaves[0]!))
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(
    concatBytes(Uint8Array.of(1), rootByTheBook(leaves.slice(0, split)), rootByTheBook(leaves.slice(split))),
  )
}

const trees = fc
  .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 40 })
  .chain(leaves => fc.record({ leaves: fc.constant(leaves), index: fc.nat({ max: leaves.length - 1 }) }))

describe('merkleRoot', () => {
  it('gives the published roots of RFC 6962 trees of 0 to 8 leaves', () => {
    expect(ROOTS.map((_, count) => merkleRoot(LEAVES.slice(0, count)))).toEqual(ROOTS)
  })

  it('splits as the RFC does for any number of leaves', () => {
    fc.assert(
      fc.property(trees, ({ leaves }) => {
        expect(merkleRoot(leaves)).toBe(toHex(rootByTheBook(leaves)))
      }),
    )
  })
})

describe('merkleProof', () => {
  it('gives the published audit paths', () => {
    expect(merkleProof(LEAVES, 0)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ])
    expect(merkleProof(LEAVES.slice(0, 3), 2)).toEqual([ROOTS[2]])
    expect(merkleProof(LEAVES.slice(0, 5), 1)).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ])
    expect(() => merkleProof(LEAVES, 8)).toThrow(RangeError)
  })

  it('proves every leaf at its place and at no other', () => {
    fc.assert(
      fc.property(trees, ({ leaves, index }) => {
        const claim = { root: merkleRoot(leaves), leaf: leaves[index]!, count: leaves.length }
        const proof = merkleProof(leaves, index)
        expect(verifyMerkleProof({ ...claim, index, proof })).toBe(true)
        for (let other = 0; other < leaves.length; other++) {
          if (toHex(leaves[other]!) === toHex(claim.leaf)) continue
          expect(verifyMerkleProof({ ...claim, index: other, proof })).toBe(false)
        }
      }),
    )
  })

  it('refuses another leaf, a proof that is longer, shorter or changed, and an index outside the tree', () => {
    fc.assert(
      fc.property(trees, fc.nat(), ({ leaves, index }, where) => {
        const claim = { root: merkleRoot(leaves), leaf: leaves[index]!, index, count: leaves.length }
        const proof = merkleProof(leaves, index)
        const extra = 'ab'.repeat(32) as Hash
        expect(verifyMerkleProof({ ...claim, proof: [...proof, extra] })).toBe(false)
        expect(verifyMerkleProof({ ...claim, proof, leaf: concatBytes(claim.leaf, Uint8Array.of(1)) })).toBe(false)
        expect(verifyMerkleProof({ ...claim, proof, index: leaves.length })).toBe(false)
        expect(verifyMerkleProof({ ...claim, proof, index: -1 })).toBe(false)
        if (proof.length === 0) return
        expect(verifyMerkleProof({ ...claim, proof: proof.slice(1) })).toBe(false)
        expect(verifyMerkleProof({ ...claim, proof: proof.with(where % proof.length, extra) })).toBe(false)
        expect(verifyMerkleProof({ ...claim, proof: proof.with(where % proof.length, 'zz' as Hash) })).toBe(false)
      }),
    )
  })

  it('does not take an inner node for a leaf', () => {
    const [left, right] = LEAVES.slice(0, 2).map(leaf => sha256(concatBytes(Uint8Array.of(0), leaf)))
    expect(merkleRoot([concatBytes(left!, right!)])).not.toBe(ROOTS[2])
  })
})
