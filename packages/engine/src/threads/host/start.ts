import { HydraError } from '@hydraai/core'
import { DEFAULT_PAGES } from '../../engine.ts'
import { moduleForThreads, sharedMemory } from '../../wasm.ts'
import { Board } from '../board.ts'
import { type Crew, MAX_THREADS } from '../crew.ts'
import type { HelperNote, HelperTask } from './helper.ts'

/** How long helpers may take to start, and to end. */
const START_MS = 30_000
const END_MS = 5_000

export interface CrewOptions {
  /** Most pages of 64 KiB of the memory that the threads share, 16,384 unless given. */
  memoryPages?: number
  /** Where the helper's script is, for who bundles it otherwise than its neighbour file. */
  helper?: string | URL
}

/** A crew that was started, to be closed by who started it. */
export interface RunningCrew extends Crew {
  /** Ends the helpers. The engine that uses the crew can compute nothing more. */
  close(): Promise<void>
}

/** A helper thread as the platform has it. */
export interface Thread {
  onNote(listener: (note: HelperNote) => void): void
  /** The thread has ended, and why where it was not asked to. */
  onEnd(listener: (problem: string) => void): void
  /** From now on the thread keeps no process alive. */
  detach(): void
  terminate(): Promise<void>
}

/** What differs between Node and a browser. */
export interface Platform {
  /** Why threads cannot share memory here; null where they can. */
  readonly problem: string | null
  start(task: HelperTask, helper: string | URL | undefined): Thread
  sleep: Crew['sleep']
}

/** @throws HydraError ENGINE_MISMATCH, ENGINE_UNSUPPORTED, ENGINE_THREADS */
export async function startCrewOn(
  platform: Platform,
  wasm: Uint8Array,
  threads: number,
  options: CrewOptions,
): Promise<RunningCrew | null> {
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new HydraError('ENGINE_THREADS', `${threads} threads`, { advice: `Use 1 to ${MAX_THREADS}.` })
  }
  if (threads === 1 || platform.problem !== null) return null
  const module = moduleForThreads(wasm)
  const memory = sharedMemory(options.memoryPages ?? DEFAULT_PAGES)
  const buffer = Board.buffer()
  const board = new Board(buffer)
  let failure: string | null = null
  let closing = false
  const helpers: Thread[] = []
  try {
    for (let index = 1; index < threads; index++) {
      helpers.push(platform.start({ module, memory, board: buffer, index, threads }, options.helper))
    }
  } catch (cause) {
    for (const helper of helpers) await helper.terminate()
    throw notStarted(cause instanceof Error ? cause.message : String(cause))
  }
  const ended = helpers.map(
    helper =>
      new Promise<void>(resolve => {
        helper.onEnd(problem => {
          if (!closing) failure ??= problem
          resolve()
        })
      }),
  )
  const ready = helpers.map(
    helper => new Promise<void>(resolve => helper.onNote(note => void (note === 'ready' && resolve()))),
  )
  const close = async (): Promise<void> => {
    closing = true
    board.close()
    await within(Promise.all(ended), END_MS)
    await Promise.all(helpers.map(helper => helper.terminate()))
  }
  const started = await Promise.race([within(Promise.all(ready), START_MS), Promise.race(ended).then(() => false)])
  if (!started) {
    await close()
    throw notStarted(failure ?? 'it did not answer')
  }
  for (const helper of helpers) helper.detach()
  return {
    size: threads,
    memory,
    board: buffer,
    get failure() {
      return failure
    },
    sleep: platform.sleep,
    close,
  }
}

function notStarted(problem: string): HydraError {
  return new HydraError('ENGINE_THREADS', `a helper thread did not start: ${problem}`, {
    advice: 'Go on with one thread: createEngine(wasm) without a crew.',
  })
}

/** Whether the promise was kept in time. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const kept = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return kept
}
