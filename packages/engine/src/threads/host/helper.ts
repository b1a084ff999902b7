import type { Kernels } from '../../wasm.ts'
import { Board } from '../board.ts'
import { scratchOf } from '../scratch.ts'
import { functionsOf } from '../sharedKernels.ts'

/** What a helper thread is sent when it starts. */
export interface HelperTask {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly board: SharedArrayBuffer
  /** Its number, from 1 on, among so many threads. */
  readonly index: number
  readonly threads: number
}

/** What a helper says when it is ready to work, and when it has ended because the board was closed. */
export type HelperNote = 'ready' | 'ended'

/** A helper's whole life. Blocks its thread, asleep or at work, until the board is closed. */
export function help({ module, memory, board, index, threads }: HelperTask, say: (note: HelperNote) => void): void {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
  kernels.useScratch(scratchOf(kernels, index))
  const functions = functionsOf(kernels)
  say('ready')
  new Board(board).serve(functions, index, threads, (words, at, value) => void Atomics.wait(words, at, value))
  say('ended')
}
