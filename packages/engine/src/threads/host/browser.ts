import { type CrewOptions, type Platform, type RunningCrew, startCrewOn, type Thread } from './start.ts'

export type { CrewOptions, RunningCrew } from './start.ts'

/** Why there can be no threads here; null: there can. */
export const whyNoThreads: string | null = globalThis.crossOriginIsolated
  ? null
  : 'the page is not cross-origin isolated: its server has to send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'

/** A page's own thread may not wait, so it looks again and again: train in a worker where the page is to stay alive. */
const mayWait = typeof document === 'undefined'

const platform: Platform = {
  problem: whyNoThreads,
  sleep(words, index, value) {
    if (mayWait) {
      Atomics.wait(words, index, value, 1000)
      return
    }
    const end = performance.now() + 1000
    while (Atomics.load(words, index) === value && performance.now() < end);
  },
  start(task, helper) {
    // Bundlers look for these very words.
    const worker = helper
      ? new Worker(helper, { type: 'module' })
      : new Worker(new URL('./browserHelper.ts', import.meta.url), { type: 'module' })
    worker.postMessage(task)
    return threadOf(worker)
  },
}

function threadOf(worker: Worker): Thread {
  return {
    onNote: listener => worker.addEventListener('message', event => listener(event.data)),
    onEnd(listener) {
      worker.addEventListener('error', event => listener(event.message ?? 'its script was not loaded'))
      worker.addEventListener('message', event => {
        if (event.data === 'ended') listener('it ended')
      })
    },
    detach() {},
    terminate: async () => worker.terminate(),
  }
}

/**
 * Starts `threads - 1` workers for one engine: `createEngine(wasm, { crew })`. null for one thread, and where the page is not
 * cross-origin isolated: see {@link whyNoThreads}.
 * @throws HydraError ENGINE_MISMATCH, ENGINE_UNSUPPORTED, ENGINE_THREADS when one does not start
 */
export function startCrew(wasm: Uint8Array, threads: number, options: CrewOptions = {}): Promise<RunningCrew | null> {
  return startCrewOn(platform, wasm, threads, options)
}
