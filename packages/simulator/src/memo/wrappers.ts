import { createHash, hash } from 'node:crypto'
import type { Codec, Hash } from '@hydraai/core'
import type { Block, Genesis, LedgerEvent, LedgerState } from '@hydraai/ledger'

// Types alone are imported from the packages: this file is loaded before they are, in order to wrap them.

/** SHA-256 of the parts joined, natively. */
export const nativeSha256 = () => (parts: readonly Uint8Array[]) => {
  if (parts.length === 1) return new Uint8Array(hash('sha256', parts[0]!, 'buffer'))
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return new Uint8Array(digest.digest())
}

type Decode = <T>(codec: Codec<T>, bytes: Uint8Array, options?: { maxBytes?: number }) => T

/** Longer inputs are decoded every time: they are rare, and their text would take more room than time. */
const MAX_BYTES = 262_144
const MAX_REMEMBERED_BYTES = 48 * 1024 * 1024

/** Values are never changed once decoded, so those who share one do not notice. What is refused is refused anew. */
export function rememberDecoded(decode: Decode): Decode {
  let known = new WeakMap<object, Map<string, unknown>>()
  let held = 0
  return <T>(codec: Codec<T>, bytes: Uint8Array, options: { maxBytes?: number } = {}): T => {
    if (bytes.length > Math.min(MAX_BYTES, options.maxBytes ?? MAX_BYTES)) return decode(codec, bytes, options)
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
    const value = known.get(codec)?.get(text)
    if (value !== undefined) return value as T
    const decoded = decode(codec, bytes, options)
    held += bytes.length
    if (held > MAX_REMEMBERED_BYTES) [known, held] = [new WeakMap(), bytes.length]
    const values = known.get(codec) ?? new Map<string, unknown>()
    known.set(codec, values.set(text, decoded))
    return decoded
  }
}

interface Applied {
  state: LedgerState
  events: LedgerEvent[]
}
type Apply = (state: LedgerState, block: Block) => Applied

const MAX_STATES = 256

/**
 * For the very same state and block. A state that was reached on another way (after a restart, say) is worked out anew;
 * when it is the same by the hash of its block, which covers its root, everybody goes on with one object.
 */
export function rememberApplied(apply: Apply): Apply {
  const results = new WeakMap<LedgerState, WeakMap<Block, Applied>>()
  const states = new Map<Hash, Applied>()
  return (state, block) => {
    const known = results.get(state)?.get(block)
    if (known !== undefined) return known
    const anew = apply(state, block)
    const applied = states.get(anew.state.blockHash) ?? anew
    if (states.size >= MAX_STATES) states.delete(states.keys().next().value!)
    states.set(applied.state.blockHash, applied)
    const ofState = results.get(state) ?? new WeakMap<Block, Applied>()
    results.set(state, ofState.set(block, applied))
    return applied
  }
}

export function rememberGenesis(genesisState: (genesis: Genesis) => LedgerState): (genesis: Genesis) => LedgerState {
  const states = new WeakMap<Genesis, LedgerState>()
  return genesis => {
    const state = states.get(genesis) ?? genesisState(genesis)
    states.set(genesis, state)
    return state
  }
}

type Losses = (
  job: { model: object; dataset: object; recipe: { batchSize: number } },
  parameters: Float32Array,
  probes: readonly Int32Array[],
) => number[]

const MAX_LOSSES = 20_000

/** The losses of the same parameters on the same probe, which every verifier of an update takes. */
export function rememberLosses(lossBitsOf: Losses): Losses {
  const ofData = new WeakMap<object, WeakMap<object, Map<string, number>>>()
  return (job, parameters, probes) => {
    const ofModel = ofData.get(job.dataset) ?? new WeakMap<object, Map<string, number>>()
    ofData.set(job.dataset, ofModel)
    const known = ofModel.get(job.model) ?? new Map<string, number>()
    ofModel.set(job.model, known)
    const name = digestOf(parameters)
    const keys = probes.map(probe => `${name} ${digestOf(probe)}`)
    const missing = probes.filter((_, i) => !known.has(keys[i]!))
    const anew = missing.length === 0 ? [] : lossBitsOf(job, parameters, missing)
    const found = keys.map((key, i) => known.get(key) ?? anew[missing.indexOf(probes[i]!)]!)
    if (known.size > MAX_LOSSES) known.clear()
    for (const [i, key] of keys.entries()) known.set(key, found[i]!)
    return found
  }
}

function digestOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): string {
  return hash('sha256', new Uint8Array(buffer, byteOffset, byteLength), 'base64')
}
