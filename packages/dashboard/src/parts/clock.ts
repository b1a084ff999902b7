import { useSyncExternalStore } from 'react'

const TICK_MS = 1_000

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  for (const listener of listeners) listener()
}

/** One timer for every relative time of the page; it rests while the page is hidden or shows no time. */
function arrange(): void {
  const wanted = listeners.size > 0 && !document.hidden
  if (wanted && timer === undefined) {
    timer = setInterval(tick, TICK_MS)
    tick()
  } else if (!wanted && timer !== undefined) {
    clearInterval(timer)
    timer = undefined
  }
}
document.addEventListener('visibilitychange', arrange)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  arrange()
  return () => {
    listeners.delete(listener)
    arrange()
  }
}

/** Something that depends on the time now; the component renders again only when the outcome is another one. */
export function useNow<T extends string | number | boolean | null>(derive: (now: number) => T): T {
  return useSyncExternalStore(subscribe, () => derive(Date.now()))
}
