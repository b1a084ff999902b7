/** A signal that aborts after `ms` or with any of the others, and can be told that it is no longer needed. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Whether it was the time that ran out. */
  readonly expired: boolean
  clear(): void
}

/** Unlike `AbortSignal.timeout` it leaves no timer and no listener behind once cleared. */
export function deadline(ms: number, ...others: (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController()
  let expired = false
  const timer = setTimeout(() => {
    expired = true
    controller.abort(new Error(`timed out after ${ms} ms`))
  }, ms)
  const onAbort = (event: Event) => controller.abort((event.target as AbortSignal).reason)
  for (const other of others) {
    if (other?.aborted) controller.abort(other.reason)
    other?.addEventListener('abort', onAbort, { once: true })
  }
  return {
    signal: controller.signal,
    get expired() {
      return expired
    },
    clear() {
      clearTimeout(timer)
      for (const other of others) other?.removeEventListener('abort', onAbort)
    },
  }
}

/** The promise, or a rejection as soon as the signal aborts. */
export function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) {
      promise.catch(() => {})
      return onAbort()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
