import { Worker } from 'node:worker_threads'
import { HydraError } from '@hydraai/core'
import type { AnswerCompute, AnswerJob, AnswerModel, Generated } from './answering.ts'
import type { AnswerReply, AnswerRequest } from './answerProtocol.ts'

interface Waiting {
  readonly resolve: (result: Generated | undefined) => void
  readonly reject: (error: unknown) => void
  readonly onTokens: ((tokens: readonly number[]) => void) | undefined
}

type WithoutTicket<R> = R extends unknown ? Omit<R, 'ticket'> : never

/**
 * The thread that answers, apart from those that train and check, so that an answer waits for neither. It starts with the
 * first question; one that dies fails its answers and is started again by the next.
 */
export class AnswerThread implements AnswerCompute {
  readonly #account: (cpuMs: number) => void
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #started: Promise<void> = Promise.resolve()
  #ticket = 0
  #closed = false

  constructor(account: (cpuMs: number) => void) {
    this.#account = account
  }

  async load(model: AnswerModel): Promise<void> {
    await this.#run({ kind: 'load', model }).done
  }

  async generate(
    job: AnswerJob,
    onTokens: (tokens: readonly number[]) => void,
    signal?: AbortSignal,
  ): Promise<Generated> {
    const { ticket, done } = this.#run({ kind: 'generate', job: plain(job) }, onTokens)
    const stop = () => this.#post({ kind: 'stop', ticket })
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      return (await done) as Generated
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    // Node 24 aborts the whole process when a thread is terminated while it still loads its modules.
    this.#worker?.ref()
    await this.#started
    await this.#worker?.terminate()
    this.#fail(closedError())
  }

  #run(
    request: WithoutTicket<Exclude<AnswerRequest, { kind: 'stop' }>>,
    onTokens?: Waiting['onTokens'],
  ): { ticket: number; done: Promise<Generated | undefined> } {
    const ticket = this.#ticket++
    if (this.#closed) return { ticket, done: Promise.reject(closedError()) }
    const done = new Promise<Generated | undefined>((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject, onTokens })
      this.#post({ ...request, ticket } as AnswerRequest)
    })
    return { ticket, done }
  }

  #post(request: AnswerRequest): void {
    if (this.#closed) return
    this.#worker ??= this.#spawn()
    this.#worker.postMessage(request)
  }

  #spawn(): Worker {
    const worker = new Worker(new URL('./answerWorker.ts', import.meta.url))
    worker.unref()
    this.#started = new Promise(resolve => {
      worker.once('message', () => resolve())
      worker.once('exit', () => resolve())
    })
    worker.on('message', (reply: AnswerReply) => this.#settle(reply))
    worker.on('error', error => this.#lost(worker, error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => this.#lost(worker, closedError()))
    return worker
  }

  #settle(reply: AnswerReply): void {
    if (reply.kind === 'started') return
    const waiting = this.#waiting.get(reply.ticket)
    if (!waiting) return
    if (reply.kind === 'tokens') {
      waiting.onTokens?.(reply.tokens)
      return
    }
    this.#waiting.delete(reply.ticket)
    if (reply.kind === 'failed') waiting.reject(new HydraError(reply.code, reply.message))
    else {
      this.#account(reply.cpuMs)
      waiting.resolve(reply.result)
    }
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#fail(error)
  }

  #fail(error: Error): void {
    const failed = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of failed) reject(error)
  }
}

/** Only what the job says: a caller's wider object is not sent between threads. */
function plain(job: AnswerJob): AnswerJob {
  const { document, tokenizer, parameters, question, mode, temperaturePpm, topK, topPPpm, seed, maxTokens } = job
  return { document, tokenizer, parameters, question, mode, temperaturePpm, topK, topPPpm, seed, maxTokens }
}

function closedError(): HydraError {
  return new HydraError('COMPUTE_CLOSED', 'The answering thread has ended.')
}
