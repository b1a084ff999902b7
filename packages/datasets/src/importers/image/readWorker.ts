/** The other side of `readImages.ts`. */
import { parentPort } from 'node:worker_threads'
import { HydraError } from '@hydraai/core'
import { readImage } from './readImage.ts'
import type { ReadAnswer, ReadRequest } from './readImages.ts'

const port = parentPort!
port.on('message', async (request: ReadRequest | null) => {
  if (request === null) return port.close()
  const { index, path, size } = request
  try {
    const { pixels } = await readImage(path, size)
    port.postMessage({ index, pixels } satisfies ReadAnswer)
  } catch (error) {
    const { code, message, advice } =
      error instanceof HydraError ? error : { code: 'DATA_INVALID', message: `${path}: ${error}.`, advice: undefined }
    port.postMessage({ index, error: { code, message, advice } } satisfies ReadAnswer)
  }
})
