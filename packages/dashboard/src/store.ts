import { createContext, useContext, useSyncExternalStore } from 'react'
import { type Action, initialState, reduce, type State } from './model/state.ts'

/** Live messages are applied together at most this often, so that a fast trainer costs a page little. */
const FLUSH_MS = 250
/** A page that nobody sees keeps up, but slowly. */
const HIDDEN_FLUSH_MS = 5_000

export interface Store {
  get(): State
  subscribe(listener: () => void): () => void
  /** Applies at once. */
  dispatch(action: Action): void
  /** Applies with others a little later; no timer runs while nothing arrives. */
  enqueue(action: Action): void
}

export function createStore(initial: State = initialState): Store {
  let state = initial
  let waiting: Action[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()

  const apply = (actions: readonly Action[]) => {
    const next = actions.reduce(reduce, state)
    if (next === state) return
    state = next
    for (const listener of listeners) listener()
  }
  const flush = () => {
    timer = undefined
    const actions = waiting
    waiting = []
    apply(actions)
  }
  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispatch: action => apply([action]),
    enqueue(action) {
      waiting.push(action)
      if (timer === undefined) timer = setTimeout(flush, document.hidden ? HIDDEN_FLUSH_MS : FLUSH_MS)
    },
  }
}

export const StoreContext = createContext<Store | null>(null)

/** For what changes the state, or looks at it once. What shows a part of it uses {@link useSlice}. */
export function useStore(): Store {
  const store = useContext(StoreContext)
  if (store === null) throw new Error('useStore outside of StoreContext')
  return store
}

/** The part of the state that a component shows; it renders again only when that part is another value. */
export function useSlice<T>(select: (state: State) => T): T {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
