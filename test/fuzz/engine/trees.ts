// Changes to the value that an input stands for, so that what comes out is well-formed again and gets past the parser.
import * as dagCbor from '@ipld/dag-cbor'
import { MAX_INPUT_BYTES } from './limits.ts'
import type { Random } from './random.ts'

/** How a target's inputs are written, if a value stands behind them. */
export type Format = 'cbor' | 'json' | 'bytes'

/** What stands in the sources that read the inputs. */
export interface Dictionary {
  readonly words: readonly string[]
  readonly numbers: readonly number[]
}

type Tree = unknown
type Place = { readonly holder: unknown[] | Record<string, unknown>; readonly key: number | string }

const EDGES: readonly unknown[] = [
  0,
  1,
  -1,
  23,
  24,
  63,
  64,
  65,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
  null,
  true,
  false,
  '',
  '__proto__',
  'constructor',
  '\ufeff',
  '\u0000',
  '😀',
  [],
]
const MOST_REPEATS = 4_096

export function parse(format: Format, input: Uint8Array): Tree | undefined {
  try {
    if (format === 'cbor') return dagCbor.decode(input)
    if (format === 'json') return JSON.parse(new TextDecoder().decode(input))
  } catch {}
  return undefined
}

export function write(format: Format, tree: Tree): Uint8Array | undefined {
  try {
    if (format === 'cbor') return dagCbor.encode(tree)
    // Nothing is left where the whole value was taken away.
    if (format === 'json' && tree !== undefined) return new TextEncoder().encode(JSON.stringify(tree, withoutBigints))
  } catch {}
  return undefined
}

/** The input with its value changed in one place; undefined if there is no value behind it, or none that can be written. */
export function mutateTree(
  format: Format,
  input: Uint8Array,
  other: Uint8Array,
  dictionary: Dictionary,
  random: Random,
): Uint8Array | undefined {
  const { words, numbers } = dictionary
  const root = [parse(format, input)]
  if (root[0] === undefined) return undefined
  const places = placesOf(root)
  const place = random.pick(places)
  const value = valueAt(place)
  if (value instanceof Uint8Array && random.chance(2)) {
    // Messages stand within messages as byte strings.
    const inner = mutateTree('cbor', value, other, dictionary, random)
    if (inner !== undefined) {
      put(place, inner)
      return write(format, root[0])
    }
  }
  switch (random.below(8)) {
    case 0:
      put(place, random.pick(numbers.length === 0 || random.chance(2) ? EDGES : numbers))
      break
    case 1:
      put(place, changed(value, words, random))
      break
    case 2:
      remove(place)
      break
    case 3:
      repeat(place, value, random)
      break
    case 4:
      put(place, structuredClone(valueAt(random.pick(places))))
      break
    case 5: {
      const from = placesOf([parse(format, other)])
      const alike = from.filter(one => one.key === place.key)
      put(place, valueAt(random.pick(alike.length > 0 ? alike : from)))
      break
    }
    case 6:
      if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array))
        put({ holder: value as Record<string, unknown>, key: random.pick(words) ?? 'x' }, random.pick(EDGES))
      else put(place, random.pick(words) ?? '')
      break
    default:
      if (Array.isArray(value)) value.reverse()
      else put(place, nested(value, 1 + random.skewed(64)))
  }
  return write(format, root[0])
}

/** Every place in the tree, its root among them; at most a few thousand. */
function placesOf(root: unknown[]): Place[] {
  const places: Place[] = [{ holder: root, key: 0 }]
  for (let i = 0; i < places.length && places.length < 4_000; i++) {
    const value = valueAt(places[i]!)
    if (Array.isArray(value))
      for (let k = 0; k < Math.min(value.length, 200); k++) places.push({ holder: value, key: k })
    else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
      for (const key of Object.keys(value)) places.push({ holder: value as Record<string, unknown>, key })
  }
  return places
}

function valueAt({ holder, key }: Place): unknown {
  return (holder as Record<string, unknown>)[key]
}

/** Defined and not assigned, so that "__proto__" is a key like any other. */
function put({ holder, key }: Place, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

/** A list with an item of it many times, or a place's neighbour once more. */
function repeat({ holder, key }: Place, value: unknown, random: Random): void {
  const times = random.skewed(MOST_REPEATS)
  if (Array.isArray(value)) {
    const item: unknown = random.pick(value)
    const bytes = write('cbor', item)?.length ?? 1
    if (value.length > 0) value.push(...new Array(Math.min(times, Math.ceil(MAX_INPUT_BYTES / bytes))).fill(item))
  } else if (Array.isArray(holder)) holder.splice(Number(key), 0, ...new Array(1 + random.below(4)).fill(value))
  else if (typeof value === 'string') put({ holder, key }, value.repeat(1 + (times % 64)))
}

function changed(value: unknown, words: readonly string[], random: Random): unknown {
  const step = random.pick([1, -1, 2, -2, 8, 256, -256])
  if (typeof value === 'number') return random.chance(3) ? value * 2 : value + step
  if (typeof value === 'bigint') return random.chance(3) ? value * 2n : value + BigInt(step)
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') {
    const at = random.below(value.length + 1)
    return random.chance(3)
      ? (random.pick(words) ?? '')
      : value.slice(0, at) + random.pick(['', '\u0000', 'é', '\ud800', ' '])
  }
  if (value instanceof Uint8Array) {
    const bytes = Uint8Array.from(
      { length: Math.max(0, value.length + random.pick([0, 0, 0, 1, -1, 16])) },
      (_, i) => value[i] ?? 0,
    )
    if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    return bytes
  }
  return value
}

function nested(value: unknown, depth: number): unknown {
  let result = value
  for (let i = 0; i < depth; i++) result = [result]
  return result
}

function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
