import type { CheckMessage, CheckRequest, Progress, Verdict } from './messages.ts'

/**
 * Runs a check in a worker of its own, which ends with it. Rejects with an Error whose message is a sentence for a
 * person, or with the signal's reason once that is aborted.
 */
export function startCheck(
  request: CheckRequest,
  { onProgress, signal }: { onProgress: (progress: Progress) => void; signal: AbortSignal },
): Promise<Verdict> {
  return new Promise<Verdict>((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    const end = () => {
      worker.terminate()
      signal.removeEventListener('abort', onAbort)
    }
    const onAbort = () => {
      end()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort)
    worker.onerror = event => {
      event.preventDefault()
      end()
      reject(new Error('The part of the page that checks answers could not be loaded.'))
    }
    worker.onmessage = ({ data }: MessageEvent<CheckMessage>) => {
      if (data.type === 'progress') return onProgress(data.progress)
      end()
      if (data.type === 'verdict') resolve(data.verdict)
      else reject(new Error(data.why))
    }
    worker.postMessage(request)
  })
}
