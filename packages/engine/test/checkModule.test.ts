import { describe, expect, test } from 'vitest'
import { checkModule } from '../scripts/checkModule.ts'
import { readWasm } from './support.ts'

const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content]
const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)]

const MEMORY = [...text('env'), ...text('memory'), 2, 0, 1]
const CLOCK = [...text('env'), ...text('now'), 0, 0]
const VECTOR = [0xfd, 12, ...Array(16).fill(0)]

/** A module whose one function runs the instructions. */
function moduleOf(imports: number[][], ...instructions: number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...instructions, 0x0b]
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0),
    ...section(2, imports.length, ...imports.flat()),
    ...section(3, 1, 0),
    ...section(10, 1, body.length, ...body),
  )
}

describe('the check of the built module', () => {
  test('passes the engine, and what it is made of', () => {
    expect(() => checkModule(readWasm())).not.toThrow()
    const harmless = moduleOf([MEMORY], ...VECTOR, ...VECTOR, 0xfd, 0xe4, 0x01, 0x1a)
    expect(WebAssembly.validate(harmless)).toBe(true)
    expect(() => checkModule(harmless)).not.toThrow()
  })

  test('refuses relaxed SIMD, such as the multiply-add whose rounding the processor chooses', () => {
    const relaxed = moduleOf([MEMORY], ...VECTOR, ...VECTOR, ...VECTOR, 0xfd, 0x85, 0x02, 0x1a)
    expect(() => checkModule(relaxed)).toThrow(/relaxed/)
  })

  test('refuses an instruction that it does not know, such as an atomic one', () => {
    expect(() => checkModule(moduleOf([MEMORY], 0xfe, 0x03, 0x00))).toThrow(/0xfe/)
  })

  test('refuses every import but one memory', () => {
    expect(() => checkModule(moduleOf([CLOCK]))).toThrow(/env\.now/)
    expect(() => checkModule(moduleOf([MEMORY, CLOCK]))).toThrow(/imports/)
    expect(() => checkModule(moduleOf([]))).toThrow(/memory/)
    expect(() => checkModule(moduleOf([[...text('env'), ...text('memory'), 2, 3, 1, 1]]))).toThrow(/shared/)
  })

  test('refuses a module that is cut short', () => {
    expect(() => checkModule(readWasm().subarray(0, -5))).toThrow(/too early/)
  })
})
