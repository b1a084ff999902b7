import { MAX_INPUT_BYTES } from './limits.ts'

/** What a worker is doing: the number of its run, the length of the input, the input. */
export interface Current {
  readonly counters: Int32Array
  readonly bytes: Uint8Array
}

export function makeCurrent(): Current {
  return {
    counters: new Int32Array(new SharedArrayBuffer(8)),
    bytes: new Uint8Array(new SharedArrayBuffer(MAX_INPUT_BYTES)),
  }
}

export function setCurrent({ counters, bytes }: Current, input: Uint8Array): void {
  const kept = input.subarray(0, bytes.length)
  bytes.set(kept)
  counters[1] = kept.length
  Atomics.add(counters, 0, 1)
}

export function runOf({ counters }: Current): number {
  return Atomics.load(counters, 0)
}

export function inputOf({ counters, bytes }: Current): Uint8Array {
  return bytes.slice(0, counters[1])
}
