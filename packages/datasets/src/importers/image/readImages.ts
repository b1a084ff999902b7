/** Many images, on several cores where it is worth it: unpacking a photo takes a second. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { HydraError } from '@hydraai/core'
import type { Size } from './raster.ts'
import { readImage } from './readImage.ts'

/** A large photo takes some hundred megabytes while it is unpacked. */
const MOST_WORKERS = 4
/** Pixels that are read sooner than a worker starts. */
const WORTH_A_WORKER = 20_000_000

/** What a worker is asked, and what it answers. With null it is told to end. */
export interface ReadRequest {
  readonly index: number
  readonly path: string
  readonly size: Size
}
export type ReadAnswer =
  | { readonly index: number; readonly pixels: Uint8Array }
  | { readonly index: number; readonly error: { code: string; message: string; advice: string | undefined } }

/**
 * Reads and scales the images; `take` is given the pixels of each as they come, in any order. The first failure ends it.
 * @throws HydraError DATA_INVALID, DATA_TOO_LARGE
 */
export async function readImages(
  paths: readonly string[],
  { size, pixels }: { size: Size; pixels: number },
  take: (index: number, pixels: Uint8Array) => void,
): Promise<void> {
  const count = Math.min(MOST_WORKERS, availableParallelism(), paths.length, Math.floor(pixels / WORTH_A_WORKER))
  if (count < 2) {
    for (const [index, path] of paths.entries()) take(index, (await readImage(path, size)).pixels)
    return
  }
  let next = 0
  const pull = (): ReadRequest | undefined => {
    const index = next++
    const path = paths[index]
    return path === undefined ? undefined : { index, path, size }
  }
  const workers = Array.from({ length: count }, () => new Worker(new URL('./readWorker.ts', import.meta.url)))
  const ended = workers.map(worker => new Promise(resolve => worker.once('exit', resolve)))
  try {
    await Promise.all(workers.map(worker => drive(worker, pull, take)))
  } finally {
    // Not terminated: V8 can abort the whole process when a thread is stopped while it compiles its modules.
    for (const worker of workers) worker.postMessage(null)
    await Promise.all(ended)
  }
}

/** Gives one worker one image after the other until there are none. */
function drive(
  worker: Worker,
  pull: () => ReadRequest | undefined,
  take: (index: number, pixels: Uint8Array) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = (): void => {
      const request = pull()
      if (request === undefined) resolve()
      else worker.postMessage(request)
    }
    worker.on('message', (answer: ReadAnswer) => {
      if ('error' in answer) {
        const { code, message, advice } = answer.error
        reject(new HydraError(code, message, advice === undefined ? {} : { advice }))
        return
      }
      try {
        take(answer.index, answer.pixels)
        send()
      } catch (error) {
        reject(error)
      }
    })
    worker.on('error', reject)
    worker.on('exit', () => reject(new HydraError('DATA_INVALID', 'A worker that reads images ended by itself.')))
    send()
  })
}
