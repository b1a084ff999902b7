import { HydraError } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Assembly, PART_BYTES, PartedBlock } from './parts.ts'

/** Sizes around the borders of parts, and blocks that no two parts of are alike. */
const blocks = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(-PART_BYTES + 1, -1, 0), fc.nat(1_000))
  .map(([count, less, seed]) => {
    const block = new Uint8Array(count * PART_BYTES + less)
    const view = new DataView(block.buffer)
    for (let i = 0; i + 4 <= block.length; i += 4096) view.setUint32(i, seed + i)
    block[block.length - 1] = 7
    return block
  })

test('parts in any order, and more than once, give the block back', () => {
  fc.assert(
    fc.property(blocks, fc.array(fc.nat(100)), (block, order) => {
      const parted = new PartedBlock(block)
      const assembly = new Assembly(parted.root, block.length)
      for (const i of order) expect(assembly.take(parted.part(i % parted.count))).toBe(true)
      expect(assembly.missing().every(index => assembly.part(index) === undefined)).toBe(true)
      for (const index of assembly.missing()) {
        expect(assembly.block).toBeNull()
        expect(assembly.take(parted.part(index))).toBe(true)
        expect(assembly.part(index)).toEqual(parted.part(index))
      }
      expect(assembly.block).toEqual(block)
    }),
    { numRuns: 25 },
  )
})

test('what does not belong under the root is refused and leaves nothing behind', () => {
  fc.assert(
    fc.property(
      blocks,
      fc.nat(100),
      fc.nat(),
      fc.constantFrom('byte', 'index', 'proof', 'shorter', 'outside'),
      (block, i, at, how) => {
        const parted = new PartedBlock(block)
        const part = parted.part(i % parted.count)
        const { index, bytes, proof } = part
        const wrong = {
          byte: { ...part, bytes: bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ 1) },
          index: { ...part, index: index + 1 },
          proof: { ...part, proof: [...proof, parted.root] },
          shorter: { ...part, bytes: bytes.subarray(1) },
          outside: { ...part, index: parted.count + 5 },
        }[how]
        const assembly = new Assembly(parted.root, block.length)
        expect(assembly.take(wrong)).toBe(false)
        expect(assembly.missing()).toHaveLength(parted.count)
        expect(() => assembly.take(part)).not.toThrow(HydraError)
      },
    ),
    { numRuns: 40 },
  )
})
