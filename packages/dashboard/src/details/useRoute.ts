import { useMemo, useSyncExternalStore } from 'react'
import { type Route, routeOf } from '../model/route.ts'

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** What the address bar asks to see in detail. */
export function useRoute(): Route | null {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return useMemo(() => routeOf(hash), [hash])
}

/** Leaves the detail without leaving an entry that Back would return to as an empty fragment. */
export function closeRoute(): void {
  history.replaceState(null, '', location.pathname + location.search)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}
