/**
 * Threads that help an engine: they run kernels over one shared memory beside the thread that uses the engine. Started by
 * `startCrew` of `@hydraai/engine/threads/node` and `@hydraai/engine/threads/browser`; one engine may use them.
 */
export interface Crew {
  /** Threads, the one that uses the engine included. */
  readonly size: number
  /** The helpers' instances of the module lie over it already. */
  readonly memory: WebAssembly.Memory
  /** See board.ts. */
  readonly board: SharedArrayBuffer
  /** What went wrong with a helper; null while nothing is known to have. */
  readonly failure: string | null
  /**
   * Blocks the calling thread until the word is no longer `value` or it is woken, for a second at most. Whoever suspends the
   * whole program suspends this as well, so that one second of it may pass at once, but no more.
   */
  sleep(words: Int32Array, index: number, value: number): void
}

/** The most threads of a crew. */
export const MAX_THREADS = 32
