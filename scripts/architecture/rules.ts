/** A package may import only packages on lower floors; docs/ARCHITECTURE.md says what lives where. */
export const FLOORS: Readonly<Record<string, number>> = {
  core: 0,
  engine: 0,
  consensus: 1,
  ledger: 1,
  training: 1,
  datasets: 2,
  network: 2,
  storage: 2,
  node: 3,
  cli: 4,
  dashboard: 4,
  simulator: 4,
}

/** The imports between packages of one floor, each with its reason. */
export const SAME_FLOOR_IMPORTS: readonly { from: string; to: string; reason: string }[] = [
  { from: 'engine', to: 'core', reason: 'model documents are encoded, hashed and refused with what core offers' },
  { from: 'ledger', to: 'consensus', reason: 'the ledger replicates commits and evidence' },
]

/** State in, input in, state and effects out: the same on every machine. */
export const PURE_PACKAGES: ReadonlySet<string> = new Set(['core', 'engine', 'consensus', 'ledger', 'training'])

/** Folders of pure packages that are not pure themselves, and what they export; nothing pure may import from them. */
export const IMPURE_FOLDERS: readonly { folder: string; exports: readonly string[]; reason: string }[] = [
  {
    folder: 'packages/engine/src/threads/host/',
    exports: ['@hydraai/engine/threads/node', '@hydraai/engine/threads/browser'],
    reason: 'threads are started and ended by the platform; what they run and how they share it is pure',
  },
]

/** Whether a file of the package has to be pure. */
export function isPure(packageName: string, file: string): boolean {
  return PURE_PACKAGES.has(packageName) && !IMPURE_FOLDERS.some(({ folder }) => file.startsWith(folder))
}

/** Something impure that a pure package needs, in the one file where it may stand. */
export interface Allowance {
  file: string
  rule: string
  /** The source text of the construct. */
  text: string
  reason: string
}

export const ALLOWANCES: readonly Allowance[] = [
  {
    file: 'packages/core/src/sodium.ts',
    rule: 'async',
    text: 'await sodium.ready',
    reason: 'libsodium compiles its wasm asynchronously; waiting once, as the module loads, keeps its use synchronous',
  },
]

/** What correctly rounded or integer arithmetic gives: the only Math that has the same bits everywhere. */
export const EXACT_MATH: ReadonlySet<string> = new Set([
  'abs',
  'ceil',
  'clz32',
  'floor',
  'fround',
  'imul',
  'max',
  'min',
  'round',
  'sign',
  'sqrt',
  'trunc',
])

interface Ban {
  rule: string
  sentence: string
}

const bans = (rule: string, sentence: string, names: string[]): [string, Ban][] =>
  names.map(name => [name, { rule, sentence: sentence.replace('%', name) }])

/** Names that exist everywhere and that a pure package may not refer to. */
export const BANNED_GLOBALS: ReadonlyMap<string, Ban> = new Map([
  ...bans('clock', '% reads the clock; take the time as an input', ['Date', 'performance']),
  ...bans('timer', '% waits; return the waiting as an effect', [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'clearTimeout',
    'clearInterval',
    'clearImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
  ]),
  ...bans('random', '% draws what no other node draws; use CounterRandom with a seed', ['crypto']),
  ...bans('async', '% lets others run in between; keep the function synchronous', ['Promise']),
  ...bans('locale', '% depends on the language of the machine', ['Intl']),
  ...bans('platform', '% is not the same in Node and in a browser', [
    'process',
    'Buffer',
    'require',
    'globalThis',
    'window',
    'self',
    'navigator',
    'document',
  ]),
  ...bans('io', '% reaches outside; return an effect', [
    'console',
    'fetch',
    'WebSocket',
    'XMLHttpRequest',
    'EventSource',
    'Worker',
    'localStorage',
    'indexedDB',
  ]),
  ...bans('collector', '% shows what the garbage collector does', ['WeakRef', 'FinalizationRegistry']),
])

/** Methods that a pure package may not call on anything. */
export const BANNED_METHODS: ReadonlyMap<string, Ban> = new Map(
  bans('locale', '%() depends on the language of the machine', [
    'toLocaleString',
    'toLocaleDateString',
    'toLocaleTimeString',
    'toLocaleLowerCase',
    'toLocaleUpperCase',
    'localeCompare',
  ]),
)
