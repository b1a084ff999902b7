import { compareBytes } from '../bytes.ts'
import { type Codec, codecError, type Infer } from './codec.ts'
import { type Fast, LIST, MAP, NULL, notFast, type Reader, TEXT, Writer } from './fast.ts'

type Fields = Readonly<Record<string, Codec<unknown>>>
type StructOf<F extends Fields> = { [K in keyof F]: Infer<F[K]> }
type VariantOf<V extends Readonly<Record<string, Fields>>> = {
  [K in keyof V & string]: { [P in 'type' | keyof V[K]]: P extends keyof V[K] ? Infer<V[K][P]> : K }
}[keyof V & string]

/** A list of at most `max` items. */
export function list<T>(item: Codec<T>, options: { max: number }): Codec<T[]> {
  function check(value: unknown, path: string): unknown[] {
    if (!Array.isArray(value)) throw codecError(path, 'expected a list')
    if (value.length > options.max) throw codecError(path, `${value.length} items are more than ${options.max}`)
    return value
  }
  return {
    toWire: (value, path = '$') => check(value, path).map((entry, i) => item.toWire(entry as T, `${path}[${i}]`)),
    fromWire: (wire, path) => check(wire, path).map((entry, i) => item.fromWire(entry, `${path}[${i}]`)),
    ...(item.fast && { fast: fastList(item.fast, options.max) }),
  }
}

function fastList<T>(item: Fast<T>, max: number): Fast<T[]> {
  return {
    write(value, out) {
      if (!Array.isArray(value) || value.length > max) notFast()
      out.head(LIST, value.length)
      for (const entry of value) item.write(entry, out)
    },
    read(input) {
      const count = input.head(LIST)
      if (count > max) notFast()
      const value: T[] = []
      for (let i = 0; i < count; i++) value.push(item.read(input))
      return value
    },
  }
}

/** The value, or null. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    toWire: (value, path = '$') => (value === null ? null : codec.toWire(value, path)),
    fromWire: (wire, path) => (wire === null ? null : codec.fromWire(wire, path)),
    ...(codec.fast && { fast: fastNullable(codec.fast) }),
  }
}

function fastNullable<T>(fast: Fast<T>): Fast<T | null> {
  return {
    write: (value, out) => (value === null ? out.byte(NULL) : fast.write(value, out)),
    read(input) {
      if (input.peek() !== NULL) return fast.read(input)
      input.at++
      return null
    },
  }
}

function asRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw codecError(path, 'expected a map of fields')
  }
  return value as Record<string, unknown>
}

/**
 * A map with exactly these fields. Decoding refuses missing and unknown ones; encoding takes the named ones and leaves
 * others, so that a wider value (a signed vote) can be encoded as the narrower (the vote).
 */
export function struct<F extends Fields>(fields: F): Codec<StructOf<F>> {
  const entries = Object.entries(fields)
  return {
    toWire(value, path = '$') {
      const record = asRecord(value, path)
      const wire: Record<string, unknown> = {}
      for (const [name, codec] of entries) wire[name] = codec.toWire(record[name], `${path}.${name}`)
      return wire
    },
    fromWire(wire, path) {
      const record = asRecord(wire, path)
      const value: Record<string, unknown> = {}
      for (const [name, codec] of entries) {
        if (!Object.hasOwn(record, name)) throw codecError(path, `the field "${name}" is missing`)
        value[name] = codec.fromWire(record[name], `${path}.${name}`)
      }
      if (Object.keys(record).length !== entries.length) {
        const unknown = Object.keys(record).find(name => !Object.hasOwn(fields, name))
        throw codecError(path, `the field ${JSON.stringify(unknown?.slice(0, 40))} is not known`)
      }
      return value as StructOf<F>
    },
    ...fastPart(fields),
  }
}

interface FastField {
  readonly name: string
  /** The encoded name: a text's head and its bytes. */
  readonly key: Uint8Array
  readonly fast: Fast<unknown>
  /** Where the field stands among those of the struct, which is not where it stands on the wire. */
  readonly place: number
}

/** `{fast}` if all fields have it. */
function fastPart<F extends Fields>(fields: F): { fast: Fast<StructOf<F>> } | object {
  const names = Object.keys(fields)
  const onWire: FastField[] = []
  for (const [place, name] of names.entries()) {
    const { fast } = fields[name]!
    if (fast === undefined) return {}
    onWire.push({ name, key: encodedText(name), fast, place })
  }
  // dag-cbor's order: shorter names first, then by their bytes; the head of a text grows with its length.
  onWire.sort((a, b) => compareBytes(a.key, b.key))
  return { fast: fastStruct(names, onWire) as Fast<StructOf<F>> }
}

function encodedText(text: string): Uint8Array {
  const out = new Writer()
  out.text(text, Number.MAX_SAFE_INTEGER)
  return out.finish()
}

function fastStruct(names: readonly string[], onWire: readonly FastField[]): Fast<Record<string, unknown>> {
  return {
    write(value, out) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) notFast()
      out.head(MAP, onWire.length)
      for (const { name, key, fast } of onWire) {
        out.raw(key)
        fast.write(value[name], out)
      }
    },
    read(input) {
      if (input.head(MAP) !== onWire.length) notFast()
      const values: unknown[] = new Array(names.length)
      for (const { key, fast, place } of onWire) {
        if (!input.matches(key)) notFast()
        values[place] = fast.read(input)
      }
      const value: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) value[names[i]!] = values[i]
      return value
    },
  }
}

/** One of several structs, told apart by the text field `type`, which stands in the map beside the others. */
export function variant<const V extends Readonly<Record<string, Fields>>>(kinds: V): Codec<VariantOf<V>> {
  const structs = new Map<string, Codec<Record<string, unknown>>>()
  for (const [kind, fields] of Object.entries(kinds)) {
    if (Object.hasOwn(fields, 'type')) throw new TypeError(`kind "${kind}" cannot have a field of its own named "type"`)
    structs.set(kind, struct({ type: tagOf(kind), ...fields }))
  }
  function structOf(value: unknown, path: string): Codec<Record<string, unknown>> {
    const record = asRecord(value, path)
    const kind = Object.hasOwn(record, 'type') ? record.type : undefined
    const found = typeof kind === 'string' ? structs.get(kind) : undefined
    if (found === undefined) throw codecError(path, `the type is not one of ${[...structs.keys()].join(', ')}`)
    return found
  }
  return {
    toWire: (value, path = '$') => structOf(value, path).toWire(value as Record<string, unknown>, path),
    fromWire: (wire, path) => structOf(wire, path).fromWire(wire, path) as VariantOf<V>,
    ...fastVariant(structs),
  }
}

/** The field `type` of one kind: the kind was found out before, so it is not looked at. */
function tagOf(kind: string): Codec<unknown> {
  const encoded = encodedText(kind)
  const fast: Fast<unknown> = {
    write: (_, out) => out.raw(encoded),
    read: input => (input.matches(encoded) ? kind : notFast()),
  }
  return { toWire: () => kind, fromWire: () => kind, fast }
}

const LONGEST_KIND = 64

/** Kinds that have no fast way are left to the slow one. */
function fastVariant(structs: ReadonlyMap<string, Codec<Record<string, unknown>>>): { fast: Fast<never> } {
  const kinds = new Map<string, Fast<Record<string, unknown>>>()
  for (const [kind, { fast }] of structs) {
    if (fast !== undefined && kind.length <= LONGEST_KIND) kinds.set(kind, fast)
  }
  const fast: Fast<Record<string, unknown>> = {
    write(value, out) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) notFast()
      const { type } = value
      const kind = typeof type === 'string' ? kinds.get(type) : undefined
      if (kind === undefined) notFast()
      kind.write(value, out)
    },
    read(input) {
      const start = input.at
      const kind = kinds.get(kindOf(input))
      if (kind === undefined) notFast()
      input.at = start
      return kind.read(input)
    },
  }
  return { fast: fast as Fast<never> }
}

const TYPE = encodedText('type')

/** The text under `type` in the map that comes next. */
function kindOf(input: Reader): string {
  for (let left = input.head(MAP); left > 0; left--) {
    if (input.matches(TYPE)) return input.text(LONGEST_KIND)
    if (input.peek() >> 5 !== TEXT) notFast()
    input.skip()
    input.skip()
  }
  return notFast()
}
