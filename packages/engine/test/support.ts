import { readFileSync } from 'node:fs'
import { createOpenEngine, type OpenEngine } from '../src/engine.ts'

export { labels, SMALL_CNN, values } from './values.ts'

export function readWasm(): Uint8Array {
  return new Uint8Array(readFileSync(new URL('../build/engine.wasm', import.meta.url)))
}

export function openEngine(): OpenEngine {
  return createOpenEngine(readWasm())
}

/** Arrays in an engine's memory, for kernels that are called directly. */
export class Bench {
  readonly engine: OpenEngine
  constructor(engine: OpenEngine) {
    this.engine = engine
  }

  /** Where a copy of the array lies, with a page of slack behind it. */
  put(array: Float32Array | Int32Array): number {
    const { address } = this.engine.allocator.allocate(array.byteLength + 4096)
    new Uint8Array(this.engine.memory.buffer, address, array.byteLength).set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
    )
    return address
  }

  room(count: number): number {
    return this.put(new Float32Array(count).fill(Number.NaN))
  }

  get(address: number, count: number): Float32Array {
    return new Float32Array(this.engine.memory.buffer, address, count).slice()
  }
}
