import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 150

/** Asks again until `found` gives something other than null, undefined or false; an error counts as nothing yet. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  found: () => T | Promise<T>,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await found()
      if (value !== null && value !== undefined && value !== false) return value as Exclude<T, null | undefined | false>
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause: last })
    await sleep(POLL_MS)
  }
}
