import { describe, expect, it } from 'vitest'
import { fromHex, u64be } from './bytes.ts'
import { decode, encode } from './codec/codec.ts'
import {
  CHUNK_BYTES,
  chunkCountOf,
  chunkLengthOf,
  contentChunkCodec,
  contentIdOf,
  proveChunk,
  verifyChunk,
} from './content.ts'
import { taggedHash } from './hash.ts'
import { merkleProof, merkleRoot } from './merkle.ts'

const blob = Uint8Array.from({ length: 600_000 }, (_, i) => i * 7 + (i >> 8))
const id = contentIdOf(blob)

describe('content ids', () => {
  it('are pinned: another implementation computed these values', () => {
    expect(id).toBe('9eb8da1c4954108c1290a1308ac6cb1f7dc42ad8292029c2b13b4da920d6d9cd')
    expect(contentIdOf(new Uint8Array())).toBe('f401b07de4b8819474d664e7aae50e15edbafdd448ba62599573fae940136122')
  })

  it('differ for contents that differ in one byte or in length', () => {
    const changed = blob.slice()
    changed[599_999]! ^= 1
    expect(contentIdOf(changed)).not.toBe(id)
    expect(contentIdOf(blob.subarray(0, 599_999))).not.toBe(id)
  })
})

describe('chunks', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 600_000])(
    'of %i bytes prove and join to the whole',
    size => {
      const whole = blob.subarray(0, size)
      const name = contentIdOf(whole)
      const joined = new Uint8Array(size)
      for (let index = 0; index < chunkCountOf(size); index++) {
        const chunk = decode(contentChunkCodec, encode(contentChunkCodec, proveChunk(whole, index)))
        expect(verifyChunk(name, chunk)).toBe(true)
        expect(chunk.bytes).toHaveLength(chunkLengthOf(size, index))
        joined.set(chunk.bytes, index * CHUNK_BYTES)
      }
      expect(Buffer.compare(joined, whole)).toBe(0)
    },
  )

  it('are refused when bytes, place, size or proof are not those of the content', () => {
    const chunk = proveChunk(blob, 2)
    expect(verifyChunk(id, chunk)).toBe(true)
    const changed = chunk.bytes.slice()
    changed[0]! ^= 1
    const lies = [
      { bytes: changed },
      { bytes: chunk.bytes.subarray(1) },
      { index: 1 },
      { index: 3 },
      { index: -1 },
      { index: 0.5 },
      { size: 600_001 },
      { size: 524_289 },
      { size: Number.NaN },
      { size: -1 },
      { size: 2 ** 60 },
      { proof: [] },
      { proof: [...chunk.proof, id] },
      { proof: Array.from({ length: 1000 }, () => id) },
    ]
    for (const lie of lies) expect(verifyChunk(id, { ...chunk, ...lie }), JSON.stringify(Object.keys(lie))).toBe(false)
    expect(verifyChunk(contentIdOf(blob.subarray(1)), chunk)).toBe(false)
  })

  it('cut otherwise than at the chunk size are refused, even under an id made for them', () => {
    const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    const size = CHUNK_BYTES + 1
    const crafted = taggedHash('hydra/content/1', u64be(size), fromHex(merkleRoot(pieces)))
    const chunk = { size, index: 0, bytes: pieces[0]!, proof: merkleProof(pieces, 0) }
    expect(verifyChunk(crafted, chunk)).toBe(false)
  })

  it('that do not exist are said to be missing', () => {
    for (const index of [3, -1, 0.5, Number.NaN]) {
      expect(() => proveChunk(blob, index)).toThrow(expect.objectContaining({ code: 'CHUNK_MISSING' }))
    }
  })
})
