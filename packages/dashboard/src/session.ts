import { createContext, useContext, useSyncExternalStore } from 'react'
import { api, RequestError, sentenceOf } from './api/client.ts'
import { connectLive, type LiveEvent } from './api/live.ts'
import * as shapes from './api/shapes.ts'
import { tokenOf } from './model/route.ts'
import { taskOf } from './model/scores.ts'
import type { Store } from './store.ts'

const TOKEN_KEY = 'hydra.token'
const BLOCKS_AT_FIRST = 30
const LOG_AT_FIRST = 100
const UPDATES_AT_FIRST = 30
const GATHER_MS = 400
/** Lines of a block that tell of an update on its way. */
const MOVES_UPDATES = new Set([
  ...['commit', 'reveal', 'base', 'phase', 'verdict', 'open', 'disclose', 'update', 'dispute', 'ruling'],
  ...['unit-slash', 'unit-reward', 'replay-reward'],
])
/** Lines of a block after which the committee, or who may be in the next one, is another. */
const MOVES_COMMITTEE = new Set(['epoch', 'stake', 'unstake', 'slash', 'missed-turn'])

export interface Session {
  /** The token that lets this page spend and pause; null when it may only look. */
  token(): string | null
  setToken(token: string | null): void
  subscribe(listener: () => void): () => void
  refreshWallet(): Promise<void>
  /** Asks again which models can be asked. */
  refreshAskable(): Promise<void>
  /** Pauses or resumes the node's own work; rejects with the node's reason. */
  setPaused(token: string, paused: boolean): Promise<void>
  /** Lets the node train one model only, or all for null; rejects with the node's reason. */
  trainOnly(token: string, model: string | null): Promise<void>
  earlierBlocks(before: number): Promise<void>
  earlierUpdates(model: string, before: string): Promise<void>
  stop(): void
}

/**
 * Everything the page does over the network: the first answers by GET, then one event stream; after a break, all of it
 * again, because what happened meanwhile was not heard.
 */
export function startSession(store: Store): Session {
  const listeners = new Set<() => void>()
  let token = takeToken()
  let stopped = false

  const waiting = new Map<string, ReturnType<typeof setTimeout>>()
  /** Once for any number of reasons within a moment: a node that catches up sends many blocks at once. */
  const later = (what: string, run: () => void) => {
    if (waiting.has(what)) return
    const timer = setTimeout(() => {
      waiting.delete(what)
      run()
    }, GATHER_MS)
    waiting.set(what, timer)
  }

  const load = async (part: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (!stopped) store.dispatch({ type: 'failed', part, why: sentenceOf(error) })
    }
  }

  const loadHistory = (model: string) =>
    load('history', async () => store.dispatch({ type: 'history', model, history: await api.model(model) }))
  const loadUpdates = (model: string) =>
    load('updates', async () => {
      const page = await api.updates(model, UPDATES_AT_FIRST)
      store.dispatch({ type: 'updates', model, page, older: false })
    })
  const rowOf = (id: string) => store.get().models?.find(model => model.id === id)
  /** What only the model on show needs; of a table also what it predicts, which its document tells. */
  const isWanted = (id: string) => id === store.get().chosen || rowOf(id)?.kind === 'table'
  const loadModel = (model: string) => {
    if (!isWanted(model)) return
    void loadHistory(model)
    if (model === store.get().chosen) void loadUpdates(model)
    const row = rowOf(model)
    if (row !== undefined && taskOf(row) !== 'images') return
    void load('samples', async () => store.dispatch({ type: 'samples', model, samples: await api.samples(model) }))
  }
  const loadAccount = () =>
    load('account', async () => {
      const address = store.get().status?.node.address
      if (address) store.dispatch({ type: 'account', account: await api.account(address) })
    })
  const refreshWallet = async () => {
    await loadAccount()
    const mine = token
    if (mine === null) return
    await load('wallet', async () => {
      try {
        store.dispatch({ type: 'wallet', wallet: await api.wallet(mine) })
      } catch (error) {
        if (error instanceof RequestError && (error.httpStatus === 401 || error.httpStatus === 403)) setToken(null)
        throw error
      }
    })
  }
  const loadCommittee = () =>
    load('committee', async () => store.dispatch({ type: 'committee', committee: await api.committee() }))
  const loadAskable = () =>
    load('askable', async () => store.dispatch({ type: 'askable', models: (await api.askInfo()).models }))
  const loadStatus = () =>
    load('status', async () => store.dispatch({ type: 'status', status: await api.status(), at: Date.now() }))
  const loadAll = async () => {
    // The status first: it tells whether this is still the network that the page knows.
    await loadStatus()
    void refreshWallet()
    void load('peers', async () => store.dispatch({ type: 'peers', peers: (await api.peers()).peers }))
    void load('blocks', async () =>
      store.dispatch({ type: 'blocks', blocks: (await api.blocks(BLOCKS_AT_FIRST)).blocks }),
    )
    void load('training', async () =>
      store.dispatch({ type: 'training', training: await api.training(), at: Date.now() }),
    )
    void loadCommittee()
    void loadAskable()
    void load('log', async () => store.dispatch({ type: 'log', entries: (await api.log(LOG_AT_FIRST)).entries }))
    void load('models', async () => {
      const { models } = await api.models()
      const before = store.get().chosen
      store.dispatch({ type: 'models', models })
      // A choice that changed right now is loaded where changes are heard.
      const { chosen } = store.get()
      for (const { id } of models) if (id !== chosen || chosen === before) loadModel(id)
    })
  }

  const receive = (name: LiveEvent, data: unknown) => {
    switch (name) {
      case 'status':
        return store.enqueue({ type: 'status', status: shapes.status(data, ''), at: Date.now() })
      case 'training':
        return store.enqueue({ type: 'training', training: shapes.training(data, ''), at: Date.now() })
      case 'peers': {
        const { peers } = shapes.peers(data, '')
        if (peers.length !== store.get().peers?.length) later('askable', () => void loadAskable())
        return store.enqueue({ type: 'peers', peers })
      }
      case 'log':
        return store.enqueue({ type: 'logged', entry: shapes.logEntry(data, '') })
      case 'block': {
        const block = shapes.blockRow(data, '')
        store.enqueue({ type: 'blocks', blocks: [block] })
        if (block.events.some(({ type }) => MOVES_COMMITTEE.has(type))) later('committee', () => void loadCommittee())
        const { chosen } = store.get()
        if (chosen !== null && block.events.some(({ type, model }) => model === chosen && MOVES_UPDATES.has(type)))
          later(`updates ${chosen}`, () => void loadUpdates(chosen))
        return later('wallet', () => void refreshWallet())
      }
      case 'model':
        return receiveModels(data)
    }
  }
  const receiveModels = (data: unknown) => {
    const models = hasModels(data) ? shapes.models(data, '').models : [shapes.modelRow(data, '')]
    const held = store.get()
    if (models.some(({ tokenizer }) => tokenizer !== null)) later('askable', () => void loadAskable())
    for (const model of models) {
      store.enqueue({ type: 'model', model })
      if (held.models?.find(({ id }) => id === model.id)?.version !== model.version) loadModel(model.id)
      // Of a version that is known only the document may still be on its way.
      else if (isWanted(model.id) && held.histories[model.id]?.document == null)
        later(`history ${model.id}`, () => void loadHistory(model.id))
    }
  }

  let shown = store.get().chosen
  const unsubscribe = store.subscribe(() => {
    const { chosen, models } = store.get()
    if (chosen === shown || models === null) return
    shown = chosen
    if (chosen !== null) loadModel(chosen)
  })

  const disconnect = connectLive('/api/events', {
    onOpen() {
      store.dispatch({ type: 'connection', connection: 'live', at: Date.now() })
      void loadAll()
    },
    onLost: () => store.dispatch({ type: 'connection', connection: 'lost', at: Date.now() }),
    onEvent: receive,
  })

  const setToken = (next: string | null) => {
    token = next
    keepToken(next)
    if (next === null) store.dispatch({ type: 'wallet', wallet: null })
    for (const listener of listeners) listener()
    if (next !== null) void refreshWallet()
  }
  const onFragment = () => {
    const given = takeFragmentToken()
    if (given !== null) setToken(given)
  }
  window.addEventListener('hashchange', onFragment)

  return {
    token: () => token,
    setToken,
    refreshWallet,
    refreshAskable: loadAskable,
    async trainOnly(mine, model) {
      await api.trainOnly(mine, model)
      store.dispatch({ type: 'training', training: await api.training(), at: Date.now() })
    },
    async setPaused(mine, paused) {
      await (paused ? api.pause(mine) : api.resume(mine))
      await loadStatus()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    earlierBlocks: before =>
      load('blocks', async () =>
        store.dispatch({ type: 'blocks', blocks: (await api.blocks(BLOCKS_AT_FIRST, before)).blocks }),
      ),
    earlierUpdates: (model, before) =>
      load('updates', async () => {
        const page = await api.updates(model, UPDATES_AT_FIRST, before)
        store.dispatch({ type: 'updates', model, page, older: true })
      }),
    stop() {
      stopped = true
      disconnect()
      unsubscribe()
      for (const timer of waiting.values()) clearTimeout(timer)
      window.removeEventListener('hashchange', onFragment)
    },
  }
}

const hasModels = (data: unknown): boolean => typeof data === 'object' && data !== null && 'models' in data

/** The fragment's token, taken out of the address bar at once: it must not stay in the history or in a screenshot. */
function takeFragmentToken(): string | null {
  const given = tokenOf(location.hash)
  if (given !== null) history.replaceState(null, '', location.pathname + location.search)
  return given
}

function takeToken(): string | null {
  const given = takeFragmentToken()
  if (given !== null) keepToken(given)
  try {
    return given ?? sessionStorage.getItem(TOKEN_KEY)
  } catch {
    return given
  }
}

function keepToken(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(TOKEN_KEY)
    else sessionStorage.setItem(TOKEN_KEY, token)
  } catch {
    // Without storage the token lives as long as the page.
  }
}

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('useSession outside of SessionContext')
  return session
}

export function useToken(): string | null {
  const session = useSession()
  return useSyncExternalStore(session.subscribe, session.token)
}
