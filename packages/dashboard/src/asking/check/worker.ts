import wasmUrl from '@hydraai/engine/engine.wasm'
import { RequestError } from '../../api/client.ts'
import { fetchBytes } from './fetchBytes.ts'
import type { CheckMessage, CheckRequest } from './messages.ts'

/** A thread of its own, so that the page goes on while an answer is run again. One check, then it is ended. */

const MAX_CONTENT_BYTES = 64 * 1024 * 1024
const MAX_WASM_BYTES = 4 * 1024 * 1024

const say = (message: CheckMessage) => self.postMessage(message)

self.onmessage = async ({ data: { file, known } }: MessageEvent<CheckRequest>) => {
  try {
    // Loaded only now: where WebAssembly is switched off this fails, and must say so instead of ending the thread.
    const { checkAnswer } = await import('./checkAnswer.ts')
    const verdict = await checkAnswer(file, known, {
      wasm: () => fetchBytes(wasmUrl, MAX_WASM_BYTES, () => undefined),
      content: (id, onBytes) =>
        fetchBytes(`/api/content/${encodeURIComponent(id)}`, MAX_CONTENT_BYTES, onBytes).catch(error => {
          throw error instanceof RequestError && error.httpStatus === 404 ? gone() : error
        }),
      onProgress: progress => say({ type: 'progress', progress }),
    })
    say({ type: 'verdict', verdict })
  } catch (error) {
    say({ type: 'failed', why: whyOf(error) })
  }
}

const gone = () =>
  new RequestError(
    'CONTENT_GONE',
    'Your node does not hold the version that answered: it deletes one some time after the next has come.',
    404,
    'Check an answer while it is fresh.',
  )

function whyOf(error: unknown): string {
  if (isWasmMissing(error)) return 'This browser does not let the page run WebAssembly, which the engine is made of.'
  if (!(error instanceof Error)) return 'Something failed that has no name.'
  const advice = 'advice' in error && typeof error.advice === 'string' ? ` ${error.advice}` : ''
  return `${error.message.replace(/\.?$/, '.')}${advice}`
}

function isWasmMissing(error: unknown): boolean {
  if (typeof WebAssembly === 'undefined') return true
  if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) return true
  return (
    error instanceof Error && /ENGINE_UNSUPPORTED|WebAssembly|wasm|sodium/i.test(`${nameOf(error)} ${error.message}`)
  )
}

const nameOf = (error: Error): string => ('code' in error ? String(error.code) : error.name)
