import type {
  Account,
  BlockRow,
  Committee,
  LogEntry,
  LossPoint,
  ModelHistory,
  ModelRow,
  Peer,
  Samples,
  Status,
  Training,
  UpdatePage,
  Wallet,
} from '../api/shapes.ts'
import type { Askable } from '../asking/askEvents.ts'
import { settleChoice } from './choice.ts'
import { changedAnswers } from './images.ts'
import { mergeUpdates } from './updates.ts'

export const MAX_BLOCKS = 400
export const MAX_LOSSES = 1_200
export const MAX_LOG = 300

/** Where something stood when it was first seen, so that its speed can be told. */
export interface Observation {
  readonly key: string
  readonly done: number
  readonly at: number
}

export interface NumberedEntry extends LogEntry {
  readonly key: number
}

export interface State {
  readonly connection: 'connecting' | 'live' | 'lost'
  /** When the connection last changed. */
  readonly connectionSince: number
  readonly status: Status | null
  readonly peers: readonly Peer[] | null
  readonly committee: Committee | null
  /** Newest first. */
  readonly blocks: readonly BlockRow[] | null
  readonly models: readonly ModelRow[] | null
  /** The model that the page shows; see settleChoice. */
  readonly chosen: string | null
  readonly histories: Readonly<Record<string, ModelHistory>>
  /** Of each model, newest round first. */
  readonly updates: Readonly<Record<string, UpdatePage>>
  readonly samples: Readonly<Record<string, Samples>>
  /** For each model, the digits answered otherwise than by the version before: index → what was said then. */
  readonly changed: Readonly<Record<string, ReadonlyMap<number, number>>>
  /** Models that can be asked now. */
  readonly askable: readonly Askable[] | null
  readonly training: Training | null
  /** Newest first. */
  readonly log: readonly NumberedEntry[] | null
  readonly account: Account | null
  readonly wallet: Wallet | null
  readonly syncing: Observation | null
  readonly unit: Observation | null
  /** Why a part could not be fetched, in a sentence. */
  readonly errors: Readonly<Record<string, string>>
}

export const initialState: State = {
  connection: 'connecting',
  connectionSince: 0,
  status: null,
  peers: null,
  committee: null,
  blocks: null,
  models: null,
  chosen: null,
  histories: {},
  updates: {},
  samples: {},
  changed: {},
  askable: null,
  training: null,
  log: null,
  account: null,
  wallet: null,
  syncing: null,
  unit: null,
  errors: {},
}

export type Action =
  | { readonly type: 'connection'; readonly connection: State['connection']; readonly at: number }
  | { readonly type: 'status'; readonly status: Status; readonly at: number }
  | { readonly type: 'peers'; readonly peers: readonly Peer[] }
  | { readonly type: 'committee'; readonly committee: Committee }
  | { readonly type: 'blocks'; readonly blocks: readonly BlockRow[] }
  | { readonly type: 'models'; readonly models: readonly ModelRow[] }
  | { readonly type: 'model'; readonly model: ModelRow }
  | { readonly type: 'choose'; readonly model: string }
  | { readonly type: 'history'; readonly model: string; readonly history: ModelHistory }
  | { readonly type: 'updates'; readonly model: string; readonly page: UpdatePage; readonly older: boolean }
  | { readonly type: 'samples'; readonly model: string; readonly samples: Samples }
  | { readonly type: 'askable'; readonly models: readonly Askable[] }
  | { readonly type: 'training'; readonly training: Training; readonly at: number }
  | { readonly type: 'log'; readonly entries: readonly LogEntry[] }
  | { readonly type: 'logged'; readonly entry: LogEntry }
  | { readonly type: 'account'; readonly account: Account }
  | { readonly type: 'wallet'; readonly wallet: Wallet | null }
  | { readonly type: 'failed'; readonly part: string; readonly why: string }

/** The page's whole state after one more answer or live message. Pure: the time comes with the action. */
export function reduce(state: State, action: Action): State {
  const next = withChoice(apply(state, action))
  if (!(action.type in next.errors) || action.type === 'failed') return next
  const { [action.type]: _mended, ...errors } = next.errors
  return { ...next, errors }
}

function withChoice(state: State): State {
  const chosen = settleChoice(state)
  return chosen === state.chosen ? state : { ...state, chosen }
}

function apply(state: State, action: Action): State {
  switch (action.type) {
    case 'connection':
      if (action.connection === state.connection) return state
      return { ...state, connection: action.connection, connectionSince: action.at }
    case 'status':
      return withStatus(ofNetwork(state, action.status.chain.genesis), action.status, action.at)
    case 'peers':
      return { ...state, peers: action.peers }
    case 'committee':
      return { ...state, committee: action.committee }
    case 'blocks':
      return { ...state, blocks: mergeBlocks(state.blocks ?? [], action.blocks) }
    case 'models':
      return { ...state, models: action.models }
    case 'model':
      return { ...state, models: mergeModel(state.models ?? [], action.model) }
    case 'choose':
      return { ...state, chosen: action.model }
    case 'history':
      return { ...state, histories: { ...state.histories, [action.model]: action.history } }
    case 'updates': {
      const { model, page, older } = action
      return { ...state, updates: { ...state.updates, [model]: mergeUpdates(state.updates[model], page, older) } }
    }
    case 'samples':
      return withSamples(state, action.model, action.samples)
    case 'askable':
      return { ...state, askable: action.models }
    case 'training': {
      const losses = mergeLosses(state.training?.losses ?? [], action.training.losses)
      const unit = observeUnit(state.unit, action.training, action.at)
      return { ...state, training: { ...action.training, losses }, unit }
    }
    case 'log':
      return {
        ...state,
        log: newestFirst(action.entries).map((entry, at, all) => ({ ...entry, key: all.length - at })),
      }
    case 'logged': {
      const before = state.log ?? []
      return { ...state, log: [{ ...action.entry, key: (before[0]?.key ?? 0) + 1 }, ...before].slice(0, MAX_LOG) }
    }
    case 'account':
      return { ...state, account: action.account }
    case 'wallet':
      return { ...state, wallet: action.wallet }
    case 'failed':
      return { ...state, errors: { ...state.errors, [action.part]: action.why } }
  }
}

/** The state as far as it is about this network: behind the same address there may be another one after a restart. */
function ofNetwork(state: State, genesis: string): State {
  if (state.status === null || state.status.chain.genesis === genesis) return state
  const { connection, connectionSince, chosen } = state
  return { ...initialState, connection, connectionSince, chosen }
}

function withStatus(state: State, status: Status, at: number): State {
  return { ...state, status, syncing: observeSync(state.syncing, status, at) }
}

/** One row a height, newest first, the later word wins. */
export function mergeBlocks(held: readonly BlockRow[], more: readonly BlockRow[]): readonly BlockRow[] {
  const byHeight = new Map(held.map(block => [block.height, block]))
  for (const block of more) byHeight.set(block.height, block)
  return [...byHeight.values()].sort((a, b) => b.height - a.height).slice(0, MAX_BLOCKS)
}

function mergeModel(held: readonly ModelRow[], model: ModelRow): readonly ModelRow[] {
  return held.some(({ id }) => id === model.id)
    ? held.map(other => (other.id === model.id ? model : other))
    : [...held, model]
}

/** Losses by time, oldest first; a message may bring the whole list or only what is new. */
export function mergeLosses(held: readonly LossPoint[], more: readonly LossPoint[]): readonly LossPoint[] {
  if (more.length === 0) return held
  const from = Math.min(...more.map(({ at }) => at))
  const kept = held.filter(({ at }) => at < from)
  const between = held.filter(({ at }) => at >= from)
  const byKey = new Map([...between, ...more].map(point => [`${point.at} ${point.loss}`, point]))
  return [...kept, ...[...byKey.values()].sort((a, b) => a.at - b.at)].slice(-MAX_LOSSES)
}

function withSamples(state: State, model: string, samples: Samples): State {
  const before = state.samples[model]
  const next = { ...state, samples: { ...state.samples, [model]: samples } }
  if (before === undefined || before.version === samples.version) return next
  return { ...next, changed: { ...state.changed, [model]: changedAnswers(before.samples, samples.samples) } }
}

/** Entries newest first, whichever way round they came; the sort is stable, so that entries of one moment keep order. */
export function newestFirst(entries: readonly LogEntry[]): readonly LogEntry[] {
  const first = entries[0]
  const last = entries.at(-1)
  const ascending = first !== undefined && last !== undefined && first.at < last.at
  return (ascending ? entries.toReversed() : [...entries]).sort((a, b) => b.at - a.at).slice(0, MAX_LOG)
}

function observeSync(seen: Observation | null, { chain }: Status, at: number): Observation | null {
  if (chain.synced) return null
  return seen ?? { key: 'sync', done: chain.height, at }
}

function observeUnit(seen: Observation | null, { current }: Training, at: number): Observation | null {
  if (current === null) return null
  const key = `${current.model} ${current.round} ${current.unit}`
  return seen?.key === key && seen.done <= current.step ? seen : { key, done: current.step, at }
}
