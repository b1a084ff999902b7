import type { Address, Kernels } from '../wasm.ts'

/**
 * Where helper `index`, from 1 on, has its scratch memory: behind the module's own, one after another. Thread 0, which uses
 * the engine, has the module's. `scratchOf(kernels, size)` is where the memory of `size` threads ends.
 */
export function scratchOf(kernels: Pick<Kernels, 'heapBase' | 'scratchBytes'>, index: number): Address {
  return Math.ceil(kernels.heapBase() / 64) * 64 + (index - 1) * kernels.scratchBytes()
}
