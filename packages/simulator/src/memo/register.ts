/**
 * Given to Node with --import by whatever runs many worlds: some pure functions are wrapped while their files are loaded,
 * so that what sixteen nodes work out from the same input is worked out once. Every node still does all it does; the
 * replica that checks blocks never takes a remembered answer. The histories are those of a run without, bit for bit.
 */
import { registerHooks } from 'node:module'
import { wrapExport } from './wrapExport.ts'
import { nativeSha256, rememberApplied, rememberDecoded, rememberGenesis, rememberLosses } from './wrappers.ts'

const WRAPPED: readonly {
  readonly file: string
  readonly name: string
  readonly wrap: (original: never) => unknown
}[] = [
  { file: 'core/src/sha256.ts', name: 'sha256Of', wrap: nativeSha256 },
  { file: 'core/src/codec/codec.ts', name: 'decode', wrap: rememberDecoded },
  { file: 'ledger/src/blocks/applyBlock.ts', name: 'applyBlock', wrap: rememberApplied },
  { file: 'ledger/src/genesis/genesisState.ts', name: 'genesisState', wrap: rememberGenesis },
  { file: 'training/src/losses.ts', name: 'lossBitsOf', wrap: rememberLosses },
]

const packages = new URL('../../../', import.meta.url)
Object.assign(globalThis, { hydraMemo: Object.fromEntries(WRAPPED.map(({ name, wrap }) => [name, wrap])) })

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const names = WRAPPED.filter(({ file }) => new URL(file, packages).href === url).map(({ name }) => name)
    if (names.length === 0 || !loaded.source) return loaded
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
    return { ...loaded, source: names.reduce((text, name) => wrapExport(url, text, name), source) }
  },
})
