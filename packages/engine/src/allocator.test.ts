import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Allocator, type Block } from './allocator.ts'

const memoryOf = (pages: number): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: pages })

describe('the allocator', () => {
  test('never hands out a byte twice, gives zeros, and forgets nothing that is freed', () => {
    const action = fc.record({ size: fc.integer({ min: 0, max: 5000 }), free: fc.nat() })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), actions => {
        const memory = memoryOf(64)
        const allocator = new Allocator(memory, 100)
        const live: Block[] = []
        for (const { size, free } of actions) {
          if (free % 3 === 0 && live.length > 0) allocator.free(live.splice(free % live.length, 1)[0]!)
          const block = allocator.allocate(size)
          const bytes = new Uint8Array(memory.buffer, block.address, block.bytes)
          expect(block.address % 64).toBe(0)
          expect(block.address).toBeGreaterThanOrEqual(100)
          expect(block.bytes).toBeGreaterThanOrEqual(size)
          expect(bytes.every(byte => byte === 0)).toBe(true)
          bytes.fill(0xff)
          live.push(block)
          for (const other of live) {
            if (other === block) continue
            const apart = other.address + other.bytes <= block.address || block.address + block.bytes <= other.address
            expect(apart).toBe(true)
          }
          expect(allocator.allocatedBytes).toBe(live.reduce((sum, { bytes: size }) => sum + size, 0))
        }
        for (const block of live) allocator.free(block)
        expect(allocator.allocatedBytes).toBe(0)
        // All of it is one piece again.
        const before = memory.buffer.byteLength
        allocator.allocate(before - 256)
        expect(memory.buffer.byteLength).toBe(before)
      }),
      { numRuns: 50 },
    )
  })

  test('says so when the memory may not grow further', () => {
    const allocator = new Allocator(memoryOf(2), 0)
    expect(() => allocator.allocate(3 * 65_536)).toThrow(expect.objectContaining({ code: 'ENGINE_MEMORY' }))
    expect(allocator.allocate(65_536).bytes).toBe(65_536)
  })
})
