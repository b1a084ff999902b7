import { HydraError } from '@hydraai/core'
import { type Address, growTo } from './wasm.ts'

const ALIGNMENT = 64
const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/** A run of bytes in the engine's memory. */
export interface Block {
  readonly address: Address
  readonly bytes: number
}

/**
 * Hands out blocks of the engine's memory: the first gap that is large enough, else the memory grows. Neighbouring gaps
 * are joined, so what is freed is used again.
 */
export class Allocator {
  readonly #memory: WebAssembly.Memory
  /** In ascending order of address; no two touch. */
  readonly #gaps: { address: Address; bytes: number }[] = []
  #top: Address
  #allocated = 0

  constructor(memory: WebAssembly.Memory, base: Address) {
    this.#memory = memory
    this.#top = align(base)
  }

  get allocatedBytes(): number {
    return this.#allocated
  }

  /** A block of at least `size` bytes, all zero, aligned to 64. @throws HydraError ENGINE_MEMORY */
  allocate(size: number): Block {
    const bytes = align(Math.max(size, 1))
    const block = { address: this.#place(bytes), bytes }
    this.#allocated += bytes
    new Uint8Array(this.#memory.buffer, block.address, bytes).fill(0)
    return block
  }

  /** Takes `size` bytes for good, which count as nobody's. @throws HydraError ENGINE_MEMORY */
  reserve(size: number): Address {
    return this.#place(align(size))
  }

  #place(bytes: number): Address {
    const index = this.#gaps.findIndex(gap => gap.bytes >= bytes)
    const gap = this.#gaps[index]
    if (gap !== undefined) {
      const address = gap.address
      gap.address += bytes
      gap.bytes -= bytes
      if (gap.bytes === 0) this.#gaps.splice(index, 1)
      return address
    }
    const address = this.#top
    if (!growTo(this.#memory, address + bytes)) {
      const mebibytes = Math.ceil(bytes / 1_048_576)
      throw new HydraError('ENGINE_MEMORY', `the engine has no room for ${mebibytes} MiB more (${bytes} bytes)`, {
        advice: 'Use a smaller model or batch, or dispose of models that are no longer used.',
        details: { bytes, allocated: this.#allocated },
      })
    }
    this.#top += bytes
    return address
  }

  /** Gives a block back; each block once. */
  free(block: Block): void {
    this.#allocated -= block.bytes
    let index = this.#gaps.findIndex(gap => gap.address > block.address)
    if (index < 0) index = this.#gaps.length
    this.#gaps.splice(index, 0, { address: block.address, bytes: block.bytes })
    this.#join(index)
    this.#join(index - 1)
    const last = this.#gaps.at(-1)
    if (last !== undefined && last.address + last.bytes === this.#top) {
      this.#top = last.address
      this.#gaps.pop()
    }
  }

  #join(index: number): void {
    const gap = this.#gaps[index]
    const next = this.#gaps[index + 1]
    if (gap === undefined || next === undefined || gap.address + gap.bytes !== next.address) return
    gap.bytes += next.bytes
    this.#gaps.splice(index + 1, 1)
  }
}
