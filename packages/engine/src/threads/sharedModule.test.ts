import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWasm } from '../../test/support.ts'
import { sharedModule } from './sharedModule.ts'

/** The sections of a module by their number. */
function sectionsOf(wasm: Uint8Array): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>()
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at++]!
    let size = 0
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]!
      size |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    sections.set(id, wasm.slice(at, at + size))
    at += size
  }
  return sections
}

test('the module for threads differs from the engine in its import alone: code and data are the same bytes', () => {
  const [own, shared] = [sectionsOf(readWasm()), sectionsOf(sharedModule(readWasm()))]
  expect([...shared.keys()]).toEqual([...own.keys()])
  expect(shared.get(2)).not.toEqual(own.get(2))
  own.delete(2)
  shared.delete(2)
  expect(shared).toEqual(own)
})

test('the module for threads takes a shared memory, and no other', () => {
  const module = new WebAssembly.Module(sharedModule(readWasm()))
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 32, shared: true })
  expect(new WebAssembly.Instance(module, { env: { memory } }).exports.matmul).toBeTypeOf('function')
  const unshared = new WebAssembly.Memory({ initial: 16, maximum: 32 })
  expect(() => new WebAssembly.Instance(module, { env: { memory: unshared } })).toThrow(WebAssembly.LinkError)
})

test('bytes that are no such module are refused, and never cause a hang', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(() => sharedModule(Uint8Array.from([...readWasm().subarray(0, 8), ...bytes]))).toThrow(RangeError)
    }),
  )
  expect(() => sharedModule(sharedModule(readWasm()))).toThrow(/shared already/)
  expect(() => sharedModule(readWasm().subarray(0, 40))).toThrow(RangeError)
})
